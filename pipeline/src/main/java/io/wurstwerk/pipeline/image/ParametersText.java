package io.wurstwerk.pipeline.image;

/**
 * Provenance in the form that image tools read from a PNG's text {@code parameters}: the prompt, the negative prompt on
 * a line of its own, and one last line of names and values.
 */
final class ParametersText {

    private ParametersText() {}

    static String of(Provenance provenance) {
        StringBuilder text = new StringBuilder();
        Provenance.Words words = provenance.words();
        if (words != null) {
            text.append(PlainText.of(words.prompt())).append('\n');
            String negative = words.negativePrompt();
            if (negative != null && !negative.isEmpty()) {
                text.append("Negative prompt: ").append(PlainText.of(negative)).append('\n');
            }
        }
        return text.append("Steps: ")
                .append(provenance.priorTimesteps().steps())
                .append(", CFG scale: ")
                .append(provenance.priorGuidanceScale())
                .append(", Seed: ")
                .append(provenance.seed())
                .append(", Size: ")
                .append(provenance.size().width())
                .append('x')
                .append(provenance.size().height())
                .append(", Model: ")
                .append(PlainText.of(provenance.prior()))
                .append(", Decoder steps: ")
                .append(provenance.decoderTimesteps().steps())
                .append(", Decoder CFG scale: ")
                .append(provenance.decoderGuidanceScale())
                .append(", Pipeline: ")
                .append(provenance.pipeline())
                .append(", Version: ")
                .append(Provenance.SOFTWARE)
                .toString();
    }
}
