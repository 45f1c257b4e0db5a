/** Pools, the registry, strategies and health checks: everything that chooses, without any HTTP. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // lb-okhttp, to which it exports, is compiled after it
module dev.evenkeel.lb.core {
    requires transitive dev.evenkeel.lb;
    requires static transitive jdk.httpserver;
    requires static micrometer.core;
    requires static org.dnsjava;
    requires static org.jspecify;
    requires com.fasterxml.jackson.databind;
    requires com.github.benmanes.caffeine;
    requires io.github.resilience4j.circuitbreaker;
    requires io.github.resilience4j.core;

    uses dev.evenkeel.lb.spi.LoadBalancingStrategy;

    exports dev.evenkeel.lb.core;
    exports dev.evenkeel.lb.core.admin;
    exports dev.evenkeel.lb.core.config;
    exports dev.evenkeel.lb.core.discovery;
    exports dev.evenkeel.lb.core.document;
    exports dev.evenkeel.lb.core.health;
    exports dev.evenkeel.lb.core.internal.concurrent to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.document to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.document.reader to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.document.schema to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.file to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.load to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.log to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.runtime to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.socket to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.internal.time to
            dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.core.limit;
    exports dev.evenkeel.lb.core.load;
    exports dev.evenkeel.lb.core.metrics;
    exports dev.evenkeel.lb.core.retry;
    exports dev.evenkeel.lb.core.session;
    exports dev.evenkeel.lb.core.socket;
    exports dev.evenkeel.lb.core.strategy;
    exports dev.evenkeel.lb.core.topology;
}
