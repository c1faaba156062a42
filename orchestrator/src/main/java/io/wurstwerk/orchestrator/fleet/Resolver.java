package io.wurstwerk.orchestrator.fleet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.List;

/** Says where a name leads now. */
@FunctionalInterface
public interface Resolver {

    /**
     * Every address of a name, in any order; at least one.
     *
     * @throws UnknownHostException when the name leads nowhere, or nobody can say where
     */
    List<InetAddress> addresses(String host) throws UnknownHostException;

    /**
     * This machine's own resolver, with its hosts file, search domains and servers. Java remembers answers for half a
     * minute and refusals for ten seconds unless it is told otherwise, and it can be told only before the first name is
     * asked for: settings of the process win, and where there are none, answers are remembered for a second.
     */
    static Resolver system() {
        rememberBriefly("networkaddress.cache.ttl", "sun.net.inetaddr.ttl", "1");
        rememberBriefly("networkaddress.cache.negative.ttl", "sun.net.inetaddr.negative.ttl", "0");
        return host -> List.of(InetAddress.getAllByName(host));
    }

    private static void rememberBriefly(String property, String older, String seconds) {
        // Java's own file of settings has the second one, so what stands there is no choice of this process.
        String present = Security.getProperty(property);
        boolean chosen = System.getProperty(older) != null || (present != null && !present.equals("10"));
        if (!chosen) {
            Security.setProperty(property, seconds);
        }
    }
}
