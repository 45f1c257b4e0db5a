package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.spi.HealthCheck;

/** The health checks that need no HTTP. */
public final class HealthChecks {

    private HealthChecks() {}

    /**
     * Connects to the backend's host and port, and closes. A host name is resolved for each check; one address that
     * answers is enough.
     *
     * @return a check that can be shared by pools; it has one daemon thread while a pool uses it
     */
    public static HealthCheck tcp() {
        return new TcpHealthCheck();
    }
}
