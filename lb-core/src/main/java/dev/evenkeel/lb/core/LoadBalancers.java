package dev.evenkeel.lb.core;

/** Starts to describe a pool; {@code core.document.PoolDocument} reads pools from a document. */
public final class LoadBalancers {

    private LoadBalancers() {}

    /**
     * Starts a pool.
     *
     * @param name the pool's name, which is also the logical host that callers address: letters, digits, dots, hyphens
     *     and underscores, or an IP literal (an IPv6 one without brackets)
     * @return a builder with every default
     * @throws IllegalArgumentException if the name is none of these
     */
    public static LoadBalancerBuilder builder(String name) {
        return new LoadBalancerBuilder(name);
    }
}
