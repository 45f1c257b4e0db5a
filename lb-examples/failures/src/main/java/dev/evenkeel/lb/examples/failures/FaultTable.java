package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.health.HttpHealthCheck;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/** Inflicts faults on a fleet, one after the other, each under the traffic of a client of its own. */
final class FaultTable {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Fleet fleet;
    private final Plan plan;

    FaultTable(Fleet fleet, Plan plan) {
        this.fleet = fleet;
        this.plan = plan;
    }

    /** Runs one fault; the fleet is well again afterwards. */
    Row run(Fault fault) {
        Set<String> hit = fault.hit(fleet).stream().map(NginxServer::id).collect(Collectors.toSet());
        OkHttpClient plain = new OkHttpClient();
        try (PickLog log = new PickLog(pool(fleet, plain, plan))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(log)
                    .retries(RetryPolicy.builder()
                            .attemptTimeout(plan.attemptTimeout())
                            .build())
                    .attach(plain);
            Request request = new Request.Builder().url("http://fleet/").build();
            awaitUp(log);
            Traffic traffic = Traffic.start(client, plan.perSecond(), number -> request);
            long begun;
            long end;
            try (traffic) {
                pause(plan.before());
                begun = System.nanoTime();
                fault.inflict(fleet);
                pause(plan.during());
                end = System.nanoTime();
                fault.mend(fleet);
                awaitAnswers(traffic, hit, end);
            }
            Row row = Row.of(fault, hit, log, traffic.ended(), begun, end);
            client.connectionPool().evictAll();
            return row;
        } finally {
            plain.dispatcher().executorService().shutdown();
        }
    }

    static LoadBalancer pool(Fleet fleet, OkHttpClient client, Plan plan) {
        return LoadBalancers.builder("fleet")
                .backends(fleet.backends())
                .strategy(Strategies.byName(plan.strategy()))
                .healthCheck(HealthCheckPolicy.builder(HttpHealthCheck.builder(client, "fleet")
                                .path("/health")
                                .build())
                        .interval(plan.checkInterval())
                        .timeout(plan.checkTimeout())
                        .rise(2)
                        .fall(2)
                        // On a machine that is short of time checks are late; live calls prove that servers are not
                        // down.
                        .skipProven(true)
                        .build())
                .build();
    }

    /** Traffic begins when the first checks have found all servers, which in a cold JVM may take them two attempts. */
    static void awaitUp(LoadBalancer pool) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (pool.snapshot().backends().stream().anyMatch(one -> one.health() != HealthState.UP)) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("the servers are not all up: " + pool.snapshot());
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }

    /** Goes on until each server that was hit has answered again, and as long again, but not for ever. */
    private void awaitAnswers(Traffic traffic, Set<String> hit, long sinceNanos) {
        long deadline = sinceNanos + plan.after().toNanos();
        while (System.nanoTime() - deadline < 0 && !haveAnswered(traffic, hit, sinceNanos)) {
            LockSupport.parkNanos(TICK_NANOS);
        }
        pause(Duration.ofNanos(
                Math.min(System.nanoTime() - sinceNanos, plan.during().toNanos())));
    }

    private static boolean haveAnswered(Traffic traffic, Set<String> hit, long sinceNanos) {
        return traffic.ended().stream()
                .filter(call -> call.failure() == null && call.endNanos() - sinceNanos > 0)
                .map(Traffic.Ended::servedBy)
                .collect(Collectors.toSet())
                .containsAll(hit);
    }

    static void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
