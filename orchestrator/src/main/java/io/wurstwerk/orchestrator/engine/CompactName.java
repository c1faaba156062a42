package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;

/**
 * A job's name in as few bits as hold it: 52 characters of five bits are four words and four bits more, and a conflict
 * has 64 bits behind them.
 *
 * @param rest the last four bits of the 52 characters; zero in every name that is a SHA-256's
 * @param suffix zero where there is no conflict
 */
record CompactName(long a, long b, long c, long d, int rest, boolean conflict, long suffix) {
    static final int WORDS = 4;
    static final int REST_MASK = 0b1111;

    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int CHARACTERS = 52;
    private static final int BITS = 5;

    static CompactName of(JobId job) {
        String value = job.value();
        long[] words = new long[WORDS];
        int filled = 0;
        long word = 0;
        int bits = 0;
        for (int i = 0; i < CHARACTERS; i++) {
            int five = five(value.charAt(i));
            int over = Math.max(0, bits + BITS - Long.SIZE);
            word = (word << (BITS - over)) | (five >>> over);
            bits += BITS - over;
            if (bits == Long.SIZE && filled < WORDS) {
                words[filled++] = word;
                word = five & ((1 << over) - 1);
                bits = over;
            }
        }
        boolean conflict = value.length() > CHARACTERS;
        long suffix = conflict ? Long.parseUnsignedLong(value, CHARACTERS + 1, value.length(), 16) : 0;
        return new CompactName(words[0], words[1], words[2], words[3], (int) word, conflict, suffix);
    }

    static CompactName read(long[] words, int at, int rest, boolean conflict, long suffix) {
        return new CompactName(words[at], words[at + 1], words[at + 2], words[at + 3], rest, conflict, suffix);
    }

    void write(long[] words, int at) {
        words[at] = a;
        words[at + 1] = b;
        words[at + 2] = c;
        words[at + 3] = d;
    }

    JobId job() {
        long[] words = {a, b, c, d, (long) rest << (Long.SIZE - 4)};
        var value = new StringBuilder(CHARACTERS + 17);
        for (int i = 0; i < CHARACTERS; i++) {
            int word = i * BITS / Long.SIZE;
            int left = Long.SIZE - BITS - i * BITS % Long.SIZE;
            long five = left >= 0
                    ? words[word] >>> left
                    : (words[word] << -left) | (words[word + 1] >>> (Long.SIZE + left));
            value.append(ALPHABET.charAt((int) five & 31));
        }
        if (conflict) {
            String hex = Long.toHexString(suffix);
            value.append('-').append("0".repeat(16 - hex.length())).append(hex);
        }
        return new JobId(value.toString());
    }

    /** Names are hashes already. */
    int hash() {
        long mixed = a ^ suffix;
        return (int) (mixed ^ mixed >>> Integer.SIZE);
    }

    private static int five(char character) {
        return character >= 'a' ? character - 'a' : character - '2' + 26;
    }
}
