/** Pools, the registry, strategies and health checks: everything that chooses, without any HTTP. */
@org.jspecify.annotations.NullMarked
module dev.evenkeel.lb.core {
    requires transitive dev.evenkeel.lb;
    requires static org.jspecify;

    exports dev.evenkeel.lb.core.strategy;
}
