package io.wurstwerk.orchestrator.stack;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands in front of a server on this machine and passes everything on, except while there is a {@link Fault}. */
public final class FaultProxy implements AutoCloseable {
    private final int port;
    private final int target;
    private final Framing framing;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger hits = new AtomicInteger();
    private final AtomicInteger chosen = new AtomicInteger();
    private volatile Fault fault = new Fault.None();
    private ServerSocket listener;

    public FaultProxy(int port, int target, Framing framing) throws IOException {
        this.port = port;
        this.target = target;
        this.framing = framing;
        this.listener = listen();
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public synchronized void begin(Fault next) throws IOException {
        hits.set(0);
        chosen.set(0);
        fault = next;
        if (next instanceof Fault.Refuse) {
            listener.close();
        }
        if (next instanceof Fault.Refuse || next instanceof Fault.Reset) {
            links.forEach(Link::reset);
        }
    }

    /** From now on everything passes again; connections that fell silent stay so. */
    public synchronized void end() throws IOException {
        fault = new Fault.None();
        if (listener.isClosed()) {
            listener = listen();
        }
    }

    /** What the fault has been done to so far: units, connections or answers. */
    public int hits() {
        return hits.get();
    }

    @Override
    public synchronized void close() throws IOException {
        listener.close();
        links.forEach(Link::reset);
    }

    private ServerSocket listen() throws IOException {
        var fresh = new ServerSocket();
        fresh.setReuseAddress(true);
        fresh.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread.ofVirtual().name("proxy-" + port).start(() -> accept(fresh));
        return fresh;
    }

    private void accept(ServerSocket open) {
        while (!open.isClosed()) {
            try {
                Socket client = open.accept();
                Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), target));
                links.add(link);
                Thread.ofVirtual().start(() -> link.carry(link::ask));
                Thread.ofVirtual().start(() -> link.carry(link::answer));
            } catch (IOException away) {
                // The listener was closed, or the server is away: the client sees its connection end.
                if (!open.isClosed()) {
                    links.forEach(Link::reset);
                }
            }
        }
    }

    private interface Carrying {
        void carry() throws IOException;
    }

    /** One connection of a client, and the one to the server that belongs to it. */
    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean silent;
        private volatile byte[] toBeCut;
        private int unanswered;

        Link(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        }

        void carry(Carrying way) {
            try {
                way.carry();
                if (!silent) {
                    end();
                }
            } catch (IOException over) {
                end();
            }
        }

        void ask() throws IOException {
            for (byte[] unit = framing.next(client.getInputStream());
                    unit != null;
                    unit = framing.next(client.getInputStream())) {
                if (!silent) {
                    ask(unit);
                }
            }
            // Who asks no more is the client, also of a silent connection.
            end();
        }

        private void ask(byte[] unit) throws IOException {
            switch (fault) {
                case Fault.None _ -> pass(unit);
                case Fault.Latency(Duration each) -> {
                    hits.incrementAndGet();
                    pause(each);
                    pass(unit);
                }
                case Fault.Reset _, Fault.Refuse _ -> {
                    hits.incrementAndGet();
                    reset();
                }
                case Fault.BlackHole _ -> {
                    hits.incrementAndGet();
                    silent = true;
                }
                case Fault.CutAnswer cut -> {
                    if (cut.request().test(unit) && chosen.getAndIncrement() < cut.times()) {
                        toBeCut = unit;
                    }
                    pass(unit);
                }
                case Fault.LoseRequest lose -> {
                    if (lose.request().test(unit) && chosen.getAndIncrement() < lose.times()) {
                        hits.incrementAndGet();
                        silent = true;
                    } else {
                        pass(unit);
                    }
                }
                case Fault.Reply reply -> {
                    if (reply.request().test(unit)) {
                        hits.incrementAndGet();
                        reply(reply.answer().apply(unit));
                        silent = reply.last();
                    } else {
                        pass(unit);
                    }
                }
            }
        }

        void answer() throws IOException {
            for (byte[] unit = framing.next(server.getInputStream());
                    unit != null;
                    unit = framing.next(server.getInputStream())) {
                byte[] cut = toBeCut;
                if (silent) {
                    continue;
                }
                if (cut != null
                        && fault instanceof Fault.CutAnswer(int _, var _, var answer)
                        && answer.isAnswer(cut, unit)) {
                    hits.incrementAndGet();
                    reset();
                    return;
                }
                if (fault instanceof Fault.Latency(Duration each)) {
                    pause(each);
                }
                if (fault instanceof Fault.BlackHole) {
                    hits.incrementAndGet();
                    silent = true;
                } else {
                    passBack(unit);
                }
            }
        }

        private void pass(byte[] unit) throws IOException {
            synchronized (this) {
                unanswered++;
            }
            server.getOutputStream().write(unit);
        }

        private synchronized void passBack(byte[] unit) throws IOException {
            client.getOutputStream().write(unit);
            unanswered--;
            notifyAll();
        }

        /** Where answers come in the order of requests, the forged one waits for its turn. */
        private synchronized void reply(byte[] answer) throws IOException {
            try {
                while (framing == Framing.KAFKA && unanswered > 0) {
                    wait(1_000);
                }
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
            OutputStream out = client.getOutputStream();
            out.write(answer);
            out.flush();
        }

        private void pause(Duration time) {
            try {
                Thread.sleep(time);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        void reset() {
            try {
                client.setSoLinger(true, 0);
            } catch (IOException closed) {
                // Then there is nothing to reset.
            }
            end();
        }

        private void end() {
            links.remove(this);
            for (Socket side : List.of(client, server)) {
                try {
                    side.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            synchronized (this) {
                unanswered = 0;
                notifyAll();
            }
        }
    }
}
