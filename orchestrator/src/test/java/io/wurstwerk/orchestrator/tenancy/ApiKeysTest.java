package io.wurstwerk.orchestrator.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeysTest {

    /** printf %s secret | sha256sum */
    private static final String SECRET = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    /** printf %s other | sha256sum */
    private static final String OTHER = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa";

    private static final Duration REFRESH = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private Path file;
    private final MovedClock clock = new MovedClock();

    @BeforeEach
    void name() {
        file = folder.resolve("keys.txt");
    }

    @Test
    void aKeyIsKnownByItsHash() throws Exception {
        Files.writeString(file, "# ours\n\n" + SECRET.toUpperCase(Locale.ROOT) + "  acme # ci\n" + OTHER + " acme\n");
        Tenants tenants = new Tenants(new ApiKeys(file, REFRESH, clock), null);
        assertThat(tenants.of("Bearer secret")).contains("acme");
        assertThat(tenants.of("bearer other")).contains("acme");
        assertThat(tenants.of("Bearer " + SECRET)).isEmpty();
        assertThat(tenants.of("Bearer Secret")).isEmpty();
        assertThat(tenants.of("Basic secret")).isEmpty();
        assertThat(tenants.of("Bearer ")).isEmpty();
        assertThat(tenants.of(null)).isEmpty();
    }

    @Test
    void withoutKeysEveryoneIsTheDefaultTenant() {
        assertThat(new Tenants(null, null).of(null)).contains("default");
        assertThat(new Tenants(null, null).of("Bearer x")).contains("default");
    }

    @Test
    void aChangedFileIsReadAgainAndAWrongOneChangesNothing() throws Exception {
        write(SECRET + " acme", 1);
        ApiKeys keys = new ApiKeys(file, REFRESH, clock);
        write(OTHER + " bolt", 2);
        assertThat(keys.tenant("other")).as("not looked at yet").isEmpty();
        clock.move(REFRESH);
        assertThat(keys.tenant("other")).contains("bolt");
        assertThat(keys.tenant("secret")).isEmpty();
        write("rubbish", 3);
        clock.move(REFRESH);
        assertThat(keys.tenant("other")).contains("bolt");
        Files.delete(file);
        clock.move(REFRESH);
        assertThat(keys.tenant("other")).contains("bolt");
    }

    @Test
    void aWrongFileIsRefusedAtTheStartByLine() throws Exception {
        assertThatThrownBy(() -> new ApiKeys(file, REFRESH, clock)).hasMessageContaining("wurstwerk.tenants.keys-file");
        for (String line : new String[] {"secret acme", SECRET, SECRET + " a b", SECRET + " " + "t".repeat(129)}) {
            Files.writeString(file, "# first\n" + line + "\n");
            assertThatThrownBy(() -> new ApiKeys(file, REFRESH, clock)).hasMessageContaining("line 2");
        }
        Files.writeString(file, SECRET + " acme\n" + SECRET + " bolt\n");
        assertThatThrownBy(() -> new ApiKeys(file, REFRESH, clock)).hasMessageContaining("another tenant");
    }

    private void write(String text, int second) throws Exception {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(second)));
    }

    /** Stands still until it is moved. */
    static final class MovedClock extends Clock {
        private Instant now = Instant.parse("2030-01-01T00:00:00Z");

        void move(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
