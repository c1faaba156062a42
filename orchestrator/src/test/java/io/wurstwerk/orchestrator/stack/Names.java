package io.wurstwerk.orchestrator.stack;

import io.wurstwerk.orchestrator.fleet.Resolver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Names that lead where the test says, from one question to the next. */
public final class Names implements Resolver {
    private final Map<String, List<InetAddress>> addresses = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();

    @Override
    public List<InetAddress> addresses(String host) throws UnknownHostException {
        List<InetAddress> known = addresses.get(host);
        questions.incrementAndGet();
        if (known == null) {
            throw new UnknownHostException(host);
        }
        return known;
    }

    public void lead(String host, String... numbers) {
        addresses.put(host, Stream.of(numbers).map(InetAddress::ofLiteral).toList());
    }

    /** From now on nobody can say where the host is. */
    public void fail(String host) {
        addresses.remove(host);
    }

    /** Waits until so many questions more have been answered and heard. */
    public void awaitQuestions(int more) throws Exception {
        int before = questions.get();
        Patience.await(() -> questions.get() > before + more);
    }
}
