package io.wurstwerk.orchestrator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.view.JobEvent;
import io.wurstwerk.orchestrator.view.JobEvent.Kind;
import io.wurstwerk.orchestrator.view.JobEvents;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    private final Client client = new Client();
    private int over;
    private final EventStream stream = new EventStream(client, () -> over++);

    @Test
    void whatHappensWhileTheStoryIsToldComesAfterIt() {
        stream.happened(event(Kind.STARTED));
        stream.open(List.of(event(Kind.ACCEPTED)));
        stream.happened(event(Kind.TERMINAL));
        stream.happened(event(Kind.STEP));
        assertThat(client.events).containsExactly("accepted", "started", "terminal");
        assertThat(client.ended).isTrue();
        assertThat(over).isEqualTo(1);
    }

    @Test
    void aClientThatDoesNotReadMissesStepsAndIsDroppedWhenItWouldMissMore() {
        stream.open(List.of());
        client.full = true;
        stream.happened(event(Kind.STEP));
        stream.happened(event(Kind.PREVIEW));
        assertThat(client.dropped).isFalse();
        client.full = false;
        stream.happened(event(Kind.STEP));
        client.full = true;
        stream.happened(event(Kind.IMAGE));
        assertThat(client.dropped).isTrue();
        client.full = false;
        stream.happened(event(Kind.TERMINAL));
        assertThat(client.events).containsExactly("step");
        assertThat(over).isEqualTo(1);
    }

    @Test
    void aClientThatDoesNotReadIsDroppedAtTheNextBeat() {
        stream.open(List.of());
        stream.beat();
        assertThat(client.beats).isEqualTo(1);
        client.full = true;
        stream.beat();
        stream.beat();
        assertThat(client.dropped).isTrue();
        assertThat(over).isEqualTo(1);
    }

    @Test
    void nothingIsSentToAClientThatHasGone() {
        stream.open(List.of());
        stream.gone();
        stream.happened(event(Kind.STARTED));
        stream.beat();
        stream.gone();
        assertThat(client.events).isEmpty();
        assertThat(client.beats).isZero();
        assertThat(over).isEqualTo(1);
    }

    private static JobEvent event(Kind kind) {
        return JobEvents.of(kind);
    }

    private static final class Client implements EventStream.Outlet {
        private final List<String> events = new ArrayList<>();
        private boolean full;
        private boolean ended;
        private boolean dropped;
        private int beats;

        @Override
        public boolean full() {
            return full;
        }

        @Override
        public void write(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (text.equals(":\n\n")) {
                beats++;
            } else if (text.contains("event: ")) {
                events.add(text.replaceFirst("(?s).*event: ([a-z]+)\n.*", "$1"));
            }
        }

        @Override
        public void end() {
            ended = true;
        }

        @Override
        public void drop() {
            dropped = true;
        }
    }
}
