package io.wurstwerk.pipeline.image;

/** Text that PNG and XML take alike. */
final class PlainText {
    private static final int REPLACEMENT = 0xfffd;

    private PlainText() {}

    /** The text with line feeds as its only line ends, and U+FFFD for what may not stand in a file. */
    static String of(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.replace("\r\n", "\n")
                .replace('\r', '\n')
                .codePoints()
                .forEach(point -> plain.appendCodePoint(allowed(point) ? point : REPLACEMENT));
        return plain.toString();
    }

    private static boolean allowed(int point) {
        boolean control = (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7f && point < 0xa0);
        boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
        return !control && !surrogate && (point & 0xfffe) != 0xfffe;
    }
}
