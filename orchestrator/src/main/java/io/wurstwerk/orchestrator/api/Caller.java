package io.wurstwerk.orchestrator.api;

import jakarta.enterprise.context.RequestScoped;

/** Who sent the request that is being answered. */
@RequestScoped
class Caller {

    private String tenant = "";

    void is(String name) {
        tenant = name;
    }

    /** @throws IllegalStateException when nobody has asked: a path that is not behind the door */
    String tenant() {
        if (tenant.isEmpty()) {
            throw new IllegalStateException("nobody asked who sends this request");
        }
        return tenant;
    }
}
