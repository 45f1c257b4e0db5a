package dev.evenkeel.lb.examples.failures;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What the servers of the comparison do to connections. */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
enum ParityCondition {
    ROTATION_7("end a connection after 7 requests", "keepalive_requests 7;"),
    ROTATION_20("end a connection after 20 requests", "keepalive_requests 20;"),
    ROTATION_100("end a connection after 100 requests", "keepalive_requests 100;"),
    STREAMS_5("allow 5 streams a connection; 100 calls at once", "http2_max_concurrent_streams 5;"),
    STREAMS_100("allow 100 streams a connection; 250 calls at once", "http2_max_concurrent_streams 100;"),
    IDLE_50("close a connection that was idle for 50 ms", "keepalive_timeout 50ms;"),
    IDLE_300("close a connection that was idle for 300 ms", "keepalive_timeout 300ms;"),
    HALF_CLOSE("shut their output down after each answer, and read on"),
    IDLE_HALF_CLOSE("shut their output down after 50 ms of idleness, and read on"),
    RELOAD("are reloaded, four times: `nginx -s reload`", 4, NginxServer::reload),
    LEAVE("the first ends for good: `nginx -s quit`", 1, NginxServer::quit),
    RESTART("the first is restarted: `nginx -s quit`, then started", 1, server -> {
        server.quit();
        server.start();
    }),
    ABRUPT_RESTART("the first is restarted abruptly: `nginx -s stop`, then started", 1, server -> {
        server.stop();
        server.start();
    });

    private static final int THREADS = 32;

    private final String title;
    private final String directives;
    private final int interruptions;
    private final Consumer<NginxServer> interruption;

    ParityCondition(String title) {
        this(title, "");
    }

    ParityCondition(String title, String directives) {
        this(title, directives, 0, server -> {});
    }

    ParityCondition(String title, int interruptions, Consumer<NginxServer> interruption) {
        this(title, "", interruptions, interruption);
    }

    ParityCondition(String title, String directives, int interruptions, Consumer<NginxServer> interruption) {
        this.title = title;
        this.directives = directives;
        this.interruptions = interruptions;
        this.interruption = interruption;
    }

    String title() {
        return title;
    }

    /** Of nginx, beside the usual ones. */
    String directives() {
        return directives;
    }

    /** After how much idleness a server shuts its output down; 0 for after each answer. */
    int halfCloseMillis() {
        return this == IDLE_HALF_CLOSE ? 50 : 0;
    }

    /** Whether the servers are not nginx, which closes both ways. */
    boolean isHalfClosing() {
        return this == HALF_CLOSE || this == IDLE_HALF_CLOSE;
    }

    /** Whether a request takes some time. */
    boolean works() {
        return switch (this) {
            case STREAMS_5, STREAMS_100, RELOAD, LEAVE, RESTART, ABRUPT_RESTART -> true;
            default -> false;
        };
    }

    /** How much longer than usual it takes: streams are to be open at the same time. */
    int slowness() {
        return this == STREAMS_5 || this == STREAMS_100 ? 10 : 1;
    }

    /**
     * How many of a hundred POSTs may fail in an attached client although plain OkHttp fails none and none twice in a log. It is more
     * than none where a server ends only its output and reads on: a request that is written while the end is on its way is processed, and
     * plain OkHttp has it processed twice. And where a server closes a connection at the moment at which a request arrives: a reset
     * alone does not tell whether the request was read. How often it happens depends on how long the threads of a busy machine wait.
     */
    int ambiguousPercent(ParityProtocol protocol) {
        return switch (this) {
            case IDLE_HALF_CLOSE -> 5;
            case HALF_CLOSE -> 10;
            case IDLE_50, IDLE_300, RELOAD, LEAVE, RESTART -> protocol.isMultiplexed() ? 0 : 5;
            default -> 0;
        };
    }

    /** Whether a server is away for some time: plain OkHttp has no other. */
    boolean isOutage() {
        return this == LEAVE || this == RESTART || this == ABRUPT_RESTART;
    }

    /** Whether requests under way end with their server. */
    boolean isAbrupt() {
        return this == ABRUPT_RESTART;
    }

    /** Whether the load is mostly pauses, so that cells can run beside each other. */
    boolean isIdling() {
        return switch (this) {
            case IDLE_50, IDLE_300, HALF_CLOSE, IDLE_HALF_CLOSE -> true;
            default -> false;
        };
    }

    List<ParityProtocol> protocols() {
        return this == STREAMS_5 || this == STREAMS_100
                ? List.of(ParityProtocol.H2_TLS, ParityProtocol.H2_PRIOR_KNOWLEDGE)
                : List.of(ParityProtocol.values());
    }

    ParityLoad load(ParityPlan plan) {
        return switch (this) {
            case ROTATION_7, ROTATION_20 -> ParityLoad.steady(plan.rotationThreads(), plan.rotationCalls() / 2);
            case ROTATION_100 -> ParityLoad.steady(plan.rotationThreads(), plan.rotationCalls());
            case STREAMS_5 -> ParityLoad.bursts(100, plan.streamBursts(), 0, 0);
            case STREAMS_100 -> ParityLoad.bursts(250, plan.streamBursts(), 0, 0);
            case IDLE_50, IDLE_HALF_CLOSE -> ParityLoad.bursts(4, plan.idleBursts(), 40, 60);
            case IDLE_300 -> ParityLoad.bursts(4, plan.idleBursts() / 5, 280, 320);
            case HALF_CLOSE -> ParityLoad.bursts(1, plan.idleBursts(), 5, 15);
            case RELOAD, LEAVE, RESTART, ABRUPT_RESTART -> ParityLoad.steady(THREADS, plan.restartCalls());
        };
    }

    /** What happens while the calls are made: to one server after the other. */
    List<Runnable> interruptions(List<NginxServer> servers) {
        List<Runnable> all = new ArrayList<>();
        for (int i = 0; i < interruptions; i++) {
            NginxServer server = servers.get(i % servers.size());
            all.add(() -> interruption.accept(server));
        }
        return all;
    }
}
