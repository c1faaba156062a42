package io.wurstwerk.pipeline.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import io.wurstwerk.pipeline.ImageRequest;
import io.wurstwerk.pipeline.Prompt;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

class ImageFileTest {
    private static final int WIDTH = 200;
    private static final int HEIGHT = 120;
    private static final byte[] PICTURE = picture();
    private static final String SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    private static final String IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    private static final String OWN = "urn:wurstwerk:image:1:";
    private static final String NASTY =
            "a <fox> & \"hen\" ]]> 'egg'\u0000\u0007\u0085\r\nin two lines\ta tab \ud83e\udd8a\ufffe <?xpacket end='w'?>";
    private static final String CLEAN =
            "a <fox> & \"hen\" ]]> 'egg'\ufffd\ufffd\ufffd\nin two lines\ta tab \ud83e\udd8a\ufffd <?xpacket end='w'?>";

    static List<ImageFormat> formats() {
        return List.of(new ImageFormat.Png(), new ImageFormat.Jpeg(90), new ImageFormat.Webp(90));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void metadataLeavesThePixelsAsTheyAre(ImageFormat format) throws Exception {
        byte[] bare = decode(format, file(format, null));
        assertThat(decode(format, file(format, provenance("a fox", null)))).isEqualTo(bare);
        if (format instanceof ImageFormat.Png) {
            assertThat(bare).isEqualTo(PICTURE);
        }
    }

    @Test
    void lossyFilesAreNearThePixelsAndSmallerAndFurtherWithLessQuality() throws Exception {
        List<Double> jpeg = new ArrayList<>();
        List<Double> webp = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (int quality : List.of(100, 90, 75, 30, 1)) {
            byte[] file = file(new ImageFormat.Jpeg(quality), null);
            jpeg.add(psnr(decode(new ImageFormat.Jpeg(quality), file)));
            sizes.add(file.length);
        }
        for (int quality : List.of(100, 90, 75, 30, 1)) {
            byte[] file = file(new ImageFormat.Webp(quality), null);
            webp.add(psnr(decode(new ImageFormat.Webp(quality), file)));
            sizes.add(file.length);
        }
        assertThat(jpeg.subList(0, 3)).allSatisfy(psnr -> assertThat(psnr).isGreaterThan(30));
        assertThat(webp.subList(0, 3)).allSatisfy(psnr -> assertThat(psnr).isGreaterThan(30));
        assertThat(jpeg.getFirst()).isGreaterThan(42);
        for (List<? extends Comparable<?>> falling : List.of(jpeg, webp, sizes.subList(0, 5), sizes.subList(5, 10))) {
            assertThat(falling.stream()
                            .map(Object::toString)
                            .mapToDouble(Double::parseDouble)
                            .toArray())
                    .isSortedAccordingTo((a, b) -> Double.compare(b, a));
        }
    }

    @Test
    void jpegKeepsFullColourFromQualityNinetyOn() {
        assertThat(sampling(file(new ImageFormat.Jpeg(90), null))).containsExactly(0x11, 0x11, 0x11);
        assertThat(sampling(file(new ImageFormat.Jpeg(89), null))).containsExactly(0x22, 0x11, 0x11);
    }

    @Test
    void withoutProvenanceThereAreOnlyPixels() {
        assertThat(pngChunks(file(new ImageFormat.Png(), null)).keySet()).containsExactly("IHDR", "IDAT", "IEND");
        assertThat(jpegMarkers(file(new ImageFormat.Jpeg(90), null)).stream().map(segment -> segment.getKey()))
                .containsExactly("e0", "db", "db", "c0", "c4", "c4", "c4", "c4");
        assertThat(webpChunks(file(new ImageFormat.Webp(90), null)).keySet()).containsExactly("VP8 ");
    }

    @Test
    void pngHasTextInTheFormThatImageToolsReadAndXmpBesideIt() throws Exception {
        Map<String, byte[]> chunks = pngChunks(file(new ImageFormat.Png(), provenance("a fox", "dogs")));
        assertThat(chunks.keySet())
                .containsExactly("IHDR", "iTXt Software", "iTXt parameters", "iTXt XML:com.adobe.xmp", "IDAT", "IEND");
        assertThat(new String(chunks.get("iTXt Software"), UTF_8)).isEqualTo("Wurstwerk");
        assertThat(new String(chunks.get("iTXt parameters"), UTF_8)).isEqualTo("""
                a fox
                Negative prompt: dogs
                Steps: 29, CFG scale: 4.0, Seed: 4294967295, Size: 200x120, Model: interpolated, Decoder steps: 12, \
                Decoder CFG scale: 1.5, Pipeline: 0123456789abcdef, Version: Wurstwerk""");
        assertThat(property(chunks.get("iTXt XML:com.adobe.xmp"), IPTC, "DigitalSourceType"))
                .isEqualTo(SOURCE_TYPE);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void xmpSaysThatAModelMadeThePictureAndHow(ImageFormat format) throws Exception {
        byte[] xmp = xmp(format, file(format, provenance("a fox", "dogs")));
        assertThat(property(xmp, IPTC, "DigitalSourceType")).isEqualTo(SOURCE_TYPE);
        assertThat(property(xmp, IPTC, "AIPromptInformation")).isEqualTo("a fox");
        assertThat(property(xmp, IPTC, "AISystemUsed")).isEqualTo("Wurstwerk, Würstchen v2 interpolated");
        assertThat(property(xmp, IPTC, "AISystemVersionUsed")).isEqualTo("0123456789abcdef");
        assertThat(property(xmp, OWN, "negativePrompt")).isEqualTo("dogs");
        assertThat(property(xmp, OWN, "seed")).isEqualTo("4294967295");
        assertThat(property(xmp, OWN, "width")).isEqualTo("200");
        assertThat(property(xmp, OWN, "priorSteps")).isEqualTo("29");
        assertThat(property(xmp, OWN, "priorTimesteps"))
                .startsWith("1.0 0.98245615 ")
                .endsWith(" 0.0");
        assertThat(property(xmp, OWN, "decoderSteps")).isEqualTo("12");
        assertThat(property(xmp, OWN, "decoderTimesteps")).isNull();
        assertThat(new String(xmp, UTF_8))
                .startsWith("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>")
                .endsWith("<?xpacket end=\"r\"?>");
    }

    @ParameterizedTest
    @MethodSource("formats")
    void parametersAloneTellNoWord(ImageFormat format) throws Exception {
        byte[] file = file(format, request("canary-prompt", "canary-negative").provenance("f00", false));
        assertThat(new String(file, ISO_8859_1))
                .contains("trainedAlgorithmicMedia")
                .doesNotContain("canary");
        assertThat(property(xmp(format, file), IPTC, "AIPromptInformation")).isNull();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void anyPromptComesOutAsItWasOrWithReplacementsForWhatNoFileMayHold(ImageFormat format) throws Exception {
        byte[] file = file(format, provenance(NASTY, NASTY));
        byte[] xmp = xmp(format, file);
        assertThat(property(xmp, IPTC, "AIPromptInformation")).isEqualTo(CLEAN);
        assertThat(property(xmp, OWN, "negativePrompt")).isEqualTo(CLEAN);
        if (format instanceof ImageFormat.Png) {
            assertThat(new String(pngChunks(file).get("iTXt parameters"), UTF_8))
                    .startsWith(CLEAN + "\nNegative prompt: " + CLEAN + "\nSteps: 29");
        }
    }

    @Test
    void halfASurrogatePairIsReplaced() throws Exception {
        byte[] file = file(new ImageFormat.Webp(80), provenance("half \ud83e a pair", null));
        assertThat(property(xmp(new ImageFormat.Webp(80), file), IPTC, "AIPromptInformation"))
                .isEqualTo("half \ufffd a pair");
    }

    @ParameterizedTest
    @MethodSource("formats")
    void theLongestPromptsFit(ImageFormat format) throws Exception {
        String longest = "&".repeat(1000) + "\ud83e\udd8a".repeat(1000);
        byte[] xmp = xmp(format, file(format, provenance(longest, longest)));
        assertThat(property(xmp, IPTC, "AIPromptInformation")).isEqualTo(longest);
    }

    @Test
    void whatDoesNotFitIntoAJpegIsRefused() {
        assertThatThrownBy(() -> file(new ImageFormat.Jpeg(90), provenance("x".repeat(66_000), null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("do not fit into a JPEG file: at most 65504 do");
    }

    @ParameterizedTest
    @MethodSource("formats")
    void noFileKnowsThisMachine(ImageFormat format) {
        String file = new String(file(format, provenance("a fox", null)), ISO_8859_1);
        for (String property : List.of("user.home", "user.dir", "java.io.tmpdir", "java.home")) {
            assertThat(file)
                    .doesNotContain(Path.of(System.getProperty(property)).toString());
        }
        assertThat(file).doesNotContain("/" + System.getProperty("user.name"));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void equalRequestsGiveEqualFiles(ImageFormat format) {
        assertThat(file(format, provenance("a fox", null))).isEqualTo(file(format, provenance("a fox", null)));
    }

    @Test
    void aQualityOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new ImageFormat.Jpeg(0)).hasMessageContaining("1 to 100, not 0");
        assertThatThrownBy(() -> new ImageFormat.Webp(101)).hasMessageContaining("1 to 100, not 101");
    }

    private static byte[] file(ImageFormat format, Provenance provenance) {
        return ImageFile.encode(format, WIDTH, HEIGHT, PICTURE, provenance);
    }

    private static Provenance provenance(String prompt, String negative) {
        return request(prompt, negative).provenance("0123456789abcdef", true);
    }

    private static ImageRequest request(String prompt, String negative) {
        return new ImageRequest(
                Prompt.of(prompt, negative, 4, 1.5),
                new ImageSize(WIDTH, HEIGHT),
                "interpolated",
                Timesteps.DEFAULT_STAGE_C,
                4,
                Timesteps.linear(12),
                1.5,
                -1);
    }

    /** Slopes, an edge and a little noise. */
    private static byte[] picture() {
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        int noise = 1;
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                noise = noise * 1_103_515_245 + 12_345;
                int at = 3 * (y * WIDTH + x);
                boolean inside = Math.hypot(x - 90, y - 60) < 40;
                rgb[at] = (byte) (inside ? 220 : x + (noise >>> 30));
                rgb[at + 1] = (byte) (inside ? 30 : y + (noise >>> 29 & 3));
                rgb[at + 2] = (byte) (inside ? 60 : 255 - x / 2 - y / 2);
            }
        }
        return rgb;
    }

    private static byte[] decode(ImageFormat format, byte[] file) throws Exception {
        BufferedImage image;
        if (format instanceof ImageFormat.Webp) {
            ImageReader reader = new WebPImageReaderSpi().createReaderInstance(null);
            reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(file)));
            image = reader.read(0);
        } else {
            image = ImageIO.read(new ByteArrayInputStream(file));
        }
        assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(WIDTH, HEIGHT);
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int pixel = image.getRGB(i % WIDTH, i / WIDTH);
            rgb[3 * i] = (byte) (pixel >> 16);
            rgb[3 * i + 1] = (byte) (pixel >> 8);
            rgb[3 * i + 2] = (byte) pixel;
        }
        return rgb;
    }

    private static double psnr(byte[] rgb) {
        double sum = 0;
        for (int i = 0; i < rgb.length; i++) {
            sum += Math.pow((rgb[i] & 0xff) - (PICTURE[i] & 0xff), 2);
        }
        return 10 * Math.log10(255.0 * 255.0 * rgb.length / sum);
    }

    private static byte[] xmp(ImageFormat format, byte[] file) {
        return switch (format) {
            case ImageFormat.Png _ -> pngChunks(file).get("iTXt XML:com.adobe.xmp");
            case ImageFormat.Jpeg _ -> {
                List<Map.Entry<String, byte[]>> segments = jpegMarkers(file);
                assertThat(segments.stream().map(Map.Entry::getKey))
                        .containsExactly("e0", "e1", "db", "db", "c0", "c4", "c4", "c4", "c4");
                byte[] app1 = segments.get(1).getValue();
                String name = "http://ns.adobe.com/xap/1.0/\0";
                assertThat(new String(app1, ISO_8859_1)).startsWith(name);
                yield Arrays.copyOfRange(app1, name.length(), app1.length);
            }
            case ImageFormat.Webp _ -> {
                Map<String, byte[]> chunks = webpChunks(file);
                assertThat(chunks.keySet()).containsExactly("VP8X", "VP8 ", "XMP ");
                assertThat(chunks.get("VP8X"))
                        .containsExactly(4, 0, 0, 0, (byte) (WIDTH - 1), 0, 0, (byte) (HEIGHT - 1), 0, 0);
                yield chunks.get("XMP ");
            }
        };
    }

    /** Text of a property of the one description; null if it has no such property. */
    private static String property(byte[] xmp, String namespace, String name) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
        factory.setNamespaceAware(true);
        Node root = factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(xmp))
                .getDocumentElement();
        assertThat(root.getNodeName()).isEqualTo("x:xmpmeta");
        Element description = (Element) root.getFirstChild().getFirstChild();
        assertThat(description.getNodeName()).isEqualTo("rdf:Description");
        NodeList found = description.getElementsByTagNameNS(namespace, name);
        assertThat(found.getLength()).isLessThan(2);
        return found.getLength() == 0 ? null : found.item(0).getTextContent();
    }

    /** Data by type, in order; of a text its value, by type and keyword. */
    private static Map<String, byte[]> pngChunks(byte[] file) {
        ByteBuffer png = ByteBuffer.wrap(file);
        assertThat(png.getLong()).isEqualTo(0x89504e470d0a1a0aL);
        Map<String, byte[]> chunks = new LinkedHashMap<>();
        while (png.hasRemaining()) {
            byte[] data = new byte[png.getInt()];
            int start = png.position();
            String type = four(png);
            png.get(data);
            CRC32 crc = new CRC32();
            crc.update(file, start, 4 + data.length);
            assertThat(png.getInt()).isEqualTo((int) crc.getValue());
            if (type.equals("iTXt")) {
                String text = new String(data, ISO_8859_1);
                String keyword = text.substring(0, text.indexOf('\0'));
                assertThat(Arrays.copyOfRange(data, keyword.length(), keyword.length() + 5))
                        .containsOnly(0);
                chunks.put(type + " " + keyword, Arrays.copyOfRange(data, keyword.length() + 5, data.length));
            } else {
                chunks.put(type, data);
            }
        }
        return chunks;
    }

    /** Segments before the scan, by the second byte of their marker. */
    private static List<Map.Entry<String, byte[]>> jpegMarkers(byte[] file) {
        ByteBuffer jpeg = ByteBuffer.wrap(file);
        assertThat(jpeg.getShort()).isEqualTo((short) 0xffd8);
        List<Map.Entry<String, byte[]>> segments = new ArrayList<>();
        while (true) {
            String marker = Integer.toHexString(jpeg.getShort() & 0xffff);
            assertThat(marker).startsWith("ff");
            byte[] data = new byte[(jpeg.getShort() & 0xffff) - 2];
            jpeg.get(data);
            if (marker.equals("ffda")) {
                assertThat(jpeg.getShort(file.length - 2)).isEqualTo((short) 0xffd9);
                return segments;
            }
            segments.add(Map.entry(marker.substring(2), data));
        }
    }

    private static List<Integer> sampling(byte[] file) {
        byte[] frame = jpegMarkers(file).stream()
                .filter(segment -> segment.getKey().equals("c0"))
                .findFirst()
                .orElseThrow()
                .getValue();
        return List.of((int) frame[7], (int) frame[10], (int) frame[13]);
    }

    private static Map<String, byte[]> webpChunks(byte[] file) {
        ByteBuffer webp = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(four(webp)).isEqualTo("RIFF");
        assertThat(webp.getInt()).isEqualTo(file.length - 8);
        assertThat(four(webp)).isEqualTo("WEBP");
        Map<String, byte[]> chunks = new LinkedHashMap<>();
        while (webp.hasRemaining()) {
            String type = four(webp);
            byte[] data = new byte[webp.getInt()];
            webp.get(data);
            webp.position(webp.position() + (data.length & 1));
            chunks.put(type, data);
        }
        return chunks;
    }

    private static String four(ByteBuffer buffer) {
        byte[] four = new byte[4];
        buffer.get(four);
        return new String(four, ISO_8859_1);
    }
}
