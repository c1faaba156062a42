package io.wurstwerk.pipeline.image;

import io.wurstwerk.pipeline.diffusion.Timesteps;
import java.io.StringWriter;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Provenance as an XMP packet. IPTC's digital source type says that the picture was made by a trained model; the same
 * standard has fields for the system and the prompt, and a namespace of our own the rest.
 */
final class Xmp {
    static final String TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    static final String IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    static final String OWN = "urn:wurstwerk:image:1:";

    private static final String RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static final String META = "adobe:ns:meta/";
    private static final String BASIC = "http://ns.adobe.com/xap/1.0/";

    private final XMLStreamWriter xml;

    private Xmp(XMLStreamWriter xml) {
        this.xml = xml;
    }

    /** The packet, read-only, to be encoded in UTF-8. */
    static String packet(Provenance provenance) {
        StringWriter text = new StringWriter();
        try {
            // The JDK's own writer, whatever other one a program brings along.
            XMLStreamWriter writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new Xmp(writer).write(provenance);
            writer.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("XML in memory cannot be written", e);
        }
        return "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>" + text + "<?xpacket end=\"r\"?>";
    }

    private void write(Provenance provenance) throws XMLStreamException {
        xml.writeStartElement("x", "xmpmeta", META);
        xml.writeNamespace("x", META);
        xml.writeStartElement("rdf", "RDF", RDF);
        xml.writeNamespace("rdf", RDF);
        xml.writeStartElement("rdf", "Description", RDF);
        xml.writeAttribute("rdf", RDF, "about", "");
        xml.writeNamespace("Iptc4xmpExt", IPTC);
        xml.writeNamespace("xmp", BASIC);
        xml.writeNamespace("wurstwerk", OWN);
        property("xmp", BASIC, "CreatorTool", Provenance.SOFTWARE);
        property("Iptc4xmpExt", IPTC, "DigitalSourceType", TRAINED);
        property("Iptc4xmpExt", IPTC, "AISystemUsed", Provenance.SOFTWARE + ", Würstchen v2 " + provenance.prior());
        property("Iptc4xmpExt", IPTC, "AISystemVersionUsed", provenance.pipeline());
        Provenance.Words words = provenance.words();
        if (words != null) {
            property("Iptc4xmpExt", IPTC, "AIPromptInformation", words.prompt());
            if (words.negativePrompt() != null) {
                own("negativePrompt", words.negativePrompt());
            }
        }
        own("prior", provenance.prior());
        own("width", Integer.toString(provenance.size().width()));
        own("height", Integer.toString(provenance.size().height()));
        own("seed", Long.toString(provenance.seed()));
        schedule("prior", provenance.priorTimesteps());
        own("priorGuidanceScale", Double.toString(provenance.priorGuidanceScale()));
        schedule("decoder", provenance.decoderTimesteps());
        own("decoderGuidanceScale", Double.toString(provenance.decoderGuidanceScale()));
        xml.writeEndElement();
        xml.writeEndElement();
        xml.writeEndElement();
    }

    /** The number of steps says it all where they are equally long. */
    private void schedule(String stage, Timesteps timesteps) throws XMLStreamException {
        own(stage + "Steps", Integer.toString(timesteps.steps()));
        if (!timesteps.equals(Timesteps.linear(timesteps.steps()))) {
            own(
                    stage + "Timesteps",
                    IntStream.rangeClosed(0, timesteps.steps())
                            .mapToObj(i -> Float.toString(timesteps.at(i)))
                            .collect(Collectors.joining(" ")));
        }
    }

    private void own(String name, String value) throws XMLStreamException {
        property("wurstwerk", OWN, name, value);
    }

    private void property(String prefix, String namespace, String name, String value) throws XMLStreamException {
        xml.writeStartElement(prefix, name, namespace);
        xml.writeCharacters(PlainText.of(value));
        xml.writeEndElement();
    }
}
