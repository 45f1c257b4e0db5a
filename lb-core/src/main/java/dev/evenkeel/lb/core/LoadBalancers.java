package dev.evenkeel.lb.core;

/** Starts to describe a pool; {@code core.document.PoolDocument} reads pools from a document. */
public final class LoadBalancers {

    private LoadBalancers() {}

    /**
     * Creates a builder of a pool.
     *
     * @param name the pool's name, which is also the logical host that callers address: letters, digits, dots, hyphens
     *     and underscores, or an IP literal (an IPv6 one without brackets)
     * @return a builder with default settings
     * @throws IllegalArgumentException if the name has another form
     */
    public static LoadBalancerBuilder builder(String name) {
        return new LoadBalancerBuilder(name);
    }
}
