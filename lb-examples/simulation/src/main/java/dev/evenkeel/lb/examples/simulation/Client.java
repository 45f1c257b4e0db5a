package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One process with a pool of its own, which knows nothing of the other clients. */
final class Client {

    private static final int MAX_ATTEMPTS = 3;

    final LoadBalancer pool;

    private final Simulator simulator;
    private final ClientProcess process;
    private final Map<String, Server> servers;
    /** Whether responses have a load report. */
    private final boolean reports;
    /** Null if the client does not retry. */
    private final RetryBudget.@Nullable Account retryBudget;

    Client(ClientProcess process, LoadBalancer pool, Map<String, Server> servers, boolean retries, boolean reports) {
        this.process = process;
        this.simulator = process.simulator();
        this.pool = pool;
        this.servers = servers;
        this.reports = reports;
        this.retryBudget = retries ? RetryBudgets.standard().open(simulator.nanoTime()) : null;
    }

    /** Learns how a call ended. */
    @FunctionalInterface
    interface Caller {
        void ended(String server, Outcome outcome, long latencyNanos);
    }

    /** Nothing runs in the client's process until it resumes. */
    void pause() {
        process.pause();
    }

    void resume() {
        process.resume();
    }

    /** Makes a call, which ends after 1 s at the latest; its latency counts from now, also if the process is paused. */
    void call(double workNanos, Caller caller) {
        long dueNanos = simulator.nanoTime();
        process.run(() -> new Call(workNanos, dueNanos, caller).begin());
    }

    private final class Call {
        private final double workNanos;
        private final long dueNanos;
        private final Caller caller;
        private final List<Backend> tried = new ArrayList<>(1);
        private final Simulator.Event timeout = simulator.timeout(() -> process.run(this::timedOut));
        private @Nullable Lease lease;
        private String server = "none";
        private boolean isOver;

        Call(double workNanos, long dueNanos, Caller caller) {
            this.workNanos = workNanos;
            this.dueNanos = dueNanos;
            this.caller = caller;
        }

        void begin() {
            if (retryBudget != null) {
                retryBudget.callStarted(simulator.nanoTime());
            }
            if (!attempt(RequestContext.NONE)) {
                end(Outcome.NEVER_SENT);
            }
        }

        /** Returns false if there is no backend for it. */
        private boolean attempt(RequestContext context) {
            PickResult result = pool.acquire(context);
            if (!(result instanceof Lease next)) {
                return false;
            }
            lease = next;
            server = next.backend().id();
            Server target = servers.get(server);
            if (target == null) {
                throw new IllegalStateException("no server is named \"" + server + "\"; there are " + servers.keySet());
            }
            target.accept(workNanos, outcome -> {
                LoadReport report = reports && isResponse(outcome) ? target.loadReport() : null;
                process.run(() -> answered(next, outcome, report));
            });
            return true;
        }

        private boolean isResponse(Outcome outcome) {
            return outcome == Outcome.SUCCESS || outcome == Outcome.SERVER_ERROR;
        }

        /** What comes after the timeout comes too late. */
        private void answered(Lease attempt, Outcome outcome, @Nullable LoadReport report) {
            if (report != null && !isOver) {
                attempt.report(report);
            }
            if (!attempt.complete(outcome)) {
                return;
            }
            attemptEnded(outcome);
            if (outcome == Outcome.SUCCESS || !retried(attempt, outcome)) {
                end(outcome);
            }
        }

        private void timedOut() {
            Lease last = lease;
            if (last != null && last.complete(Outcome.TIMED_OUT)) {
                attemptEnded(Outcome.TIMED_OUT);
                end(Outcome.TIMED_OUT);
            }
        }

        private boolean retried(Lease attempt, Outcome failure) {
            RetryBudget.Account budget = retryBudget;
            if (budget == null) {
                return false;
            }
            tried.add(attempt.backend());
            if (tried.size() == MAX_ATTEMPTS || !budget.tryRetry(failure, simulator.nanoTime())) {
                return false;
            }
            if (attempt(RequestContext.NONE.withTried(List.copyOf(tried)))) {
                return true;
            }
            budget.giveBack();
            return false;
        }

        private void attemptEnded(Outcome outcome) {
            if (retryBudget != null) {
                retryBudget.attemptEnded(outcome, !tried.isEmpty(), simulator.nanoTime());
            }
        }

        private void end(Outcome outcome) {
            isOver = true;
            timeout.cancel();
            caller.ended(server, outcome, simulator.nanoTime() - dueNanos);
        }
    }
}
