package dev.evenkeel.lb.examples.quickstart;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Traffic over pools, shown while it flows. */
final class Run {
    private static final Duration REFRESH = Duration.ofMillis(500);

    private final Board board;
    private final Tally tally;
    private final Traffic traffic;
    private final Report report;
    private Duration nextTable = REFRESH;

    Run(Board board, Tally tally, Traffic traffic, List<LoadBalancer> pools) {
        this.board = board;
        this.tally = tally;
        this.traffic = traffic;
        this.report = new Report(pools, tally);
        pools.forEach(pool -> pool.addListener(this::tell));
    }

    /** Shows the table until the traffic has ended or the board's clock says so much. */
    void showUntil(Duration end) throws InterruptedException {
        while (true) {
            Duration next = nextTable.compareTo(end) < 0 ? nextTable : end;
            long left = next.minus(board.elapsed()).toNanos();
            if (traffic.awaitEnd(Math.max(0, left), TimeUnit.NANOSECONDS)) {
                return;
            }
            if (next.equals(nextTable)) {
                board.table(report.table(board.clock()));
                nextTable = nextTable.plus(REFRESH);
            }
            if (next.equals(end)) {
                return;
            }
        }
    }

    /** Waits for the last calls and says how it all went; returns the program's exit code. */
    int end() throws InterruptedException {
        traffic.stop();
        traffic.awaitEnd(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        board.table(report.table(board.clock()));
        board.end(report.end(board.elapsed()));
        return tally.failures() == 0 ? 0 : 1;
    }

    private void tell(LoadBalancerEvent event) {
        if (event instanceof HealthChanged change && change.before() != HealthState.UNKNOWN) {
            board.event(change.backend().id() + " is found "
                    + change.after().name().toLowerCase(Locale.ROOT) + ": " + change.cause());
        } else if (event instanceof BackendEjected ejection) {
            board.event(ejection.backend().id() + " is ejected: " + ejection.cause());
        } else if (event instanceof BackendReturned back) {
            board.event(back.backend().id() + " is back from ejection");
        } else if (event instanceof BreakerChanged change) {
            board.event("the breaker of " + change.backend().id() + " is "
                    + change.after().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        } else if (event instanceof StrategyFailed failure) {
            board.event(failure.fault());
        }
    }
}
