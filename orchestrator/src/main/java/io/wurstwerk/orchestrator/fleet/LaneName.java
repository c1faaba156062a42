package io.wurstwerk.orchestrator.fleet;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A name behind which there is a lane at every address, written {@code dns:///HOST:PORT}. */
record LaneName(String host, int port) {
    static final String SCHEME = "dns:///";
    private static final Pattern SHAPE = Pattern.compile("dns:///([A-Za-z0-9_.-]{1,253}):([0-9]{1,5})");
    private static final int LAST_PORT = 65_535;

    /** @throws IllegalArgumentException when it is none */
    static LaneName of(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw unfit(text);
        }
        int port = Integer.parseInt(matcher.group(2));
        if (port < 1 || port > LAST_PORT) {
            throw unfit(text);
        }
        return new LaneName(matcher.group(1), port);
    }

    private static IllegalArgumentException unfit(String text) {
        return new IllegalArgumentException("wurstwerk.triton.endpoint names lanes by DNS as dns:///HOST:PORT, such as"
                + " dns:///triton-headless:8001, not as " + text);
    }

    /** What every one of the servers calls itself. */
    String authority() {
        return host + ":" + port;
    }

    /** The endpoints at these addresses. */
    Set<String> endpoints(List<InetAddress> addresses) {
        Set<String> endpoints = new TreeSet<>();
        for (InetAddress address : addresses) {
            // A zone is this machine's own affair.
            String number = address.getHostAddress().replaceFirst("%.*", "");
            endpoints.add((address instanceof Inet6Address ? "[" + number + "]" : number) + ":" + port);
        }
        return endpoints;
    }

    @Override
    public String toString() {
        return SCHEME + authority();
    }
}
