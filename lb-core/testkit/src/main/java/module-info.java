/** Checks strategies together with the features of a pool. For tests. */
@org.jspecify.annotations.NullMarked
module dev.evenkeel.lb.testkit {
    requires transitive dev.evenkeel.lb;
    requires dev.evenkeel.lb.core;
    requires static org.jspecify;

    exports dev.evenkeel.lb.testkit;
}
