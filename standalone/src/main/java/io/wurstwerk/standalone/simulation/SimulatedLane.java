package io.wurstwerk.standalone.simulation;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A model server that several processes share. It can die under its calls and come back, perhaps with other models. */
final class SimulatedLane {
    private final String name;
    private final Set<Call> underWay = new LinkedHashSet<>();
    private long version;
    private boolean alive = true;
    private boolean listed = true;

    /** A call under way; it ends once. */
    interface Call {
        /** @param crashed whether the server died; else it stopped in good order */
        void lost(boolean crashed);
    }

    SimulatedLane(String name, long version) {
        this.name = name;
        this.version = version;
    }

    String name() {
        return name;
    }

    boolean alive() {
        return alive;
    }

    /** Whether it is one of the lanes; one that is not goes on with what it has. */
    boolean listed() {
        return listed;
    }

    void list(boolean now) {
        listed = now;
    }

    long version() {
        return version;
    }

    void take(Call call) {
        underWay.add(call);
    }

    /** The call is over; false when the lane's end has ended it already. */
    boolean end(Call call) {
        return underWay.remove(call);
    }

    void die(boolean crashed) {
        alive = false;
        List<Call> lost = List.copyOf(underWay);
        underWay.clear();
        lost.forEach(call -> call.lost(crashed));
    }

    void comeBack(long serves) {
        version = serves;
        alive = true;
    }
}
