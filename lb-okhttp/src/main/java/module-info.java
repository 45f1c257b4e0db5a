/** Evenkeel for OkHttp: attach pools to a client, steer each call to the backend chosen. */
@org.jspecify.annotations.NullMarked
module dev.evenkeel.lb.okhttp {
    requires transitive dev.evenkeel.lb;
    requires transitive dev.evenkeel.lb.core;
    requires transitive okhttp3;
    requires com.fasterxml.jackson.databind;
    requires kotlin.stdlib;
    requires okio;
    requires static micrometer.core;
    requires static org.jspecify;

    exports dev.evenkeel.lb.okhttp;
    exports dev.evenkeel.lb.okhttp.affinity;
    exports dev.evenkeel.lb.okhttp.config;
    exports dev.evenkeel.lb.okhttp.connection;
    exports dev.evenkeel.lb.okhttp.discovery;
    exports dev.evenkeel.lb.okhttp.health;
    exports dev.evenkeel.lb.okhttp.metrics;
    exports dev.evenkeel.lb.okhttp.retry;
    exports dev.evenkeel.lb.okhttp.route;
    exports dev.evenkeel.lb.okhttp.trace;
}
