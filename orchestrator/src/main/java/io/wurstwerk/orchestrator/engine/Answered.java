package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The jobs of a partition that have their answer, in the order in which they got it: some fifty bytes a job, because the
 * jobs of a fortnight are remembered. A job is a row of 44 bytes in blocks that go when all their rows are forgotten,
 * and five to eleven bytes of a hash table of row numbers.
 *
 * <p>Names are kept whole, so that no job is taken for another, and so that the journal's entry can be deleted under its
 * key. Of a body 64 bits of its SHA-256 are kept: by chance another body of the same job passes for the first one once
 * in 2^64 times, and who builds such a pair on purpose only misses the refusal of a second body of his own.
 */
final class Answered {
    private static final int ROWS = 1_024;
    private static final int BODY = CompactName.WORDS;
    private static final int WORDS = BODY + 1;
    private static final int SMALLEST_TABLE = 16;

    private static final Instant ZERO = Instant.parse("2020-01-01T00:00:00Z");
    private static final int LATEST = (1 << 26) - 1;

    /** A row's mark: the minute of its answer in 26 bits, the rest of its name in four, and these. */
    private static final int HELD = 1;

    private static final int CONFLICT = 1 << 1;
    private static final int REST = 2;
    private static final int MINUTE = 6;

    /** What is known of a body of a job. */
    enum Verdict {
        UNKNOWN,
        SAME_BODY,
        OTHER_BODY
    }

    private static final class Block {
        final long[] words = new long[ROWS * WORDS];
        final int[] marks = new int[ROWS];
    }

    private final List<Block> blocks = new ArrayList<>();
    /** Row numbers plus one, zero where there is none; linear probing, at most three quarters full. */
    private int[] table = new int[SMALLEST_TABLE];
    /** The first row that is held; rows count from the first block, and the rows before are forgotten. */
    private int first;

    private int next;
    private int size;

    int size() {
        return size;
    }

    /** @throws IllegalStateException when the job is there already */
    void add(JobId job, BodyHash body, Instant at) {
        CompactName name = CompactName.of(job);
        if (table[slot(name)] != 0) {
            throw new IllegalStateException("job " + job + " has its answer already");
        }
        if (next == blocks.size() * ROWS) {
            blocks.add(new Block());
        }
        int row = next++;
        Block block = blocks.get(row / ROWS);
        int place = row % ROWS;
        name.write(block.words, place * WORDS);
        // What a conflict's name ends with is the head of its body.
        block.words[place * WORDS + BODY] = name.conflict() ? name.suffix() : head(body);
        // Rounded up: nothing is forgotten too early.
        int minute = Math.min(LATEST, minutes(at) + 1);
        block.marks[place] = minute << MINUTE | name.rest() << REST | (name.conflict() ? CONFLICT : 0) | HELD;
        size++;
        if (4L * size > 3L * table.length) {
            grow();
        } else {
            table[slot(name)] = row + 1;
        }
    }

    boolean contains(JobId job) {
        return table[slot(CompactName.of(job))] != 0;
    }

    Verdict verdict(JobId job, BodyHash body) {
        int found = table[slot(CompactName.of(job))];
        if (found == 0) {
            return Verdict.UNKNOWN;
        }
        return word(found - 1, BODY) == head(body) ? Verdict.SAME_BODY : Verdict.OTHER_BODY;
    }

    /** Forgets a job, wherever it stands. */
    void remove(JobId job) {
        int slot = slot(CompactName.of(job));
        if (table[slot] != 0) {
            forget(slot);
        }
    }

    /** Forgets the job that was answered first, if that was before the given time. */
    Optional<JobId> removeFirst(Instant before) {
        if (size == 0 || mark(first) >>> MINUTE > minutes(before)) {
            return Optional.empty();
        }
        CompactName name = name(first);
        forget(slot(name));
        return Optional.of(name.job());
    }

    private void forget(int slot) {
        int row = table[slot] - 1;
        close(slot);
        blocks.get(row / ROWS).marks[row % ROWS] = 0;
        size--;
        while (first < next && (mark(first) & HELD) == 0) {
            first++;
        }
        if (first >= ROWS) {
            dropFirstBlocks(first / ROWS);
        }
    }

    /** Rows count from the first block, so every number changes: a walk through the table for a thousand rows. */
    private void dropFirstBlocks(int count) {
        blocks.subList(0, count).clear();
        first -= count * ROWS;
        next -= count * ROWS;
        for (int i = 0; i < table.length; i++) {
            if (table[i] != 0) {
                table[i] -= count * ROWS;
            }
        }
        if (table.length > SMALLEST_TABLE && 8L * size < table.length) {
            rehash(table.length / 2);
        }
    }

    // ---- rows

    private long word(int row, int word) {
        return blocks.get(row / ROWS).words[row % ROWS * WORDS + word];
    }

    private int mark(int row) {
        return blocks.get(row / ROWS).marks[row % ROWS];
    }

    private CompactName name(int row) {
        int mark = mark(row);
        boolean conflict = (mark & CONFLICT) != 0;
        return CompactName.read(
                blocks.get(row / ROWS).words,
                row % ROWS * WORDS,
                mark >>> REST & CompactName.REST_MASK,
                conflict,
                conflict ? word(row, BODY) : 0);
    }

    private static long head(BodyHash body) {
        return Long.parseUnsignedLong(body.hex(), 0, 16, 16);
    }

    private static int minutes(Instant at) {
        return Math.clamp(Duration.between(ZERO, at).toMinutes(), 0, LATEST);
    }

    // ---- the table

    /** Where a name stands, or the free place where it would. */
    private int slot(CompactName name) {
        int slot = name.hash() & table.length - 1;
        while (table[slot] != 0 && !name(table[slot] - 1).equals(name)) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    /** Frees a place, and moves up whoever was pushed past it. */
    private void close(int slot) {
        int mask = table.length - 1;
        int free = slot;
        table[free] = 0;
        for (int i = free + 1 & mask; table[i] != 0; i = i + 1 & mask) {
            int home = name(table[i] - 1).hash() & mask;
            if ((i - home & mask) >= (i - free & mask)) {
                table[free] = table[i];
                table[i] = 0;
                free = i;
            }
        }
    }

    private void grow() {
        rehash(table.length * 2);
    }

    private void rehash(int length) {
        table = new int[length];
        for (int row = first; row < next; row++) {
            if ((mark(row) & HELD) != 0) {
                table[slot(name(row))] = row + 1;
            }
        }
    }
}
