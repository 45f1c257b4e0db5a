package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.examples.failures.PickLog.Pick;
import dev.evenkeel.lb.examples.failures.Traffic.Ended;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a fault came to.
 *
 * @param fault which
 * @param calls made in all
 * @param failures why calls failed, one text for each
 * @param failedAfterReturn calls that failed although a server had answered after the end of the fault
 * @param shareBeforePercent of all attempts before the fault that went to the servers that were hit
 * @param attempts at the servers that were hit, while the fault lasted
 * @param sharePercent of all attempts in that time
 * @param stopMillis from the fault to the first half second in which they get nothing; null if there is none
 * @param afterStop attempts at them after that, while the fault lasted: trials and probes of the pool
 * @param returnMillis from the end of the fault to the first answer of each of them; null if one gave none
 * @param anyReturnMillis from the end of the fault to the first answer of any server; null if there was none
 */
record Row(
        Fault fault,
        long calls,
        List<String> failures,
        long failedAfterReturn,
        double shareBeforePercent,
        long attempts,
        double sharePercent,
        @Nullable Long stopMillis,
        long afterStop,
        @Nullable Long returnMillis,
        @Nullable Long anyReturnMillis) {
    private static final long GAP_NANOS = 500_000_000;
    private static final String FORMAT = "%-44s %6s %7s %8s %9s %8s %9s %11s %9s%n";

    /**
     * Reads the books.
     *
     * @param begunNanos when the fault began
     * @param endNanos when it was about to end
     */
    static Row of(Fault fault, Set<String> hit, PickLog log, List<Ended> ended, long begunNanos, long endNanos) {
        List<Pick> all = log.between(begunNanos, endNanos);
        List<Pick> before = log.between(log.picks().element().nanos(), begunNanos);
        List<Pick> bad =
                all.stream().filter(pick -> hit.contains(pick.backend())).toList();
        Long stop = null;
        long last = begunNanos;
        long afterStop = 0;
        for (Pick pick : bad) {
            if (stop == null && pick.nanos() - last > GAP_NANOS) {
                stop = last;
            }
            if (stop != null) {
                afterStop++;
            }
            last = pick.nanos();
        }
        if (stop == null && endNanos - last > GAP_NANOS) {
            stop = last;
        }
        Long anyReturn = firstAnswer(ended, null, endNanos);
        long failedLater = anyReturn == null
                ? 0
                : ended.stream()
                        .filter(call -> call.failure() != null && call.endNanos() - endNanos > anyReturn)
                        .count();
        Long allReturn = 0L;
        for (String one : hit) {
            Long its = firstAnswer(ended, one, endNanos);
            allReturn = its == null || allReturn == null ? null : Long.valueOf(Math.max(its, allReturn));
        }
        return new Row(
                fault,
                ended.size(),
                ended.stream().map(Ended::failure).filter(Objects::nonNull).toList(),
                failedLater,
                percent(before, hit),
                bad.size(),
                percent(all, hit),
                stop == null ? null : (stop - begunNanos) / 1_000_000,
                afterStop,
                millis(allReturn),
                millis(anyReturn));
    }

    private static double percent(List<Pick> all, Set<String> hit) {
        long bad = all.stream().filter(pick -> hit.contains(pick.backend())).count();
        return all.isEmpty() ? 0 : 100.0 * bad / all.size();
    }

    private static @Nullable Long millis(@Nullable Long nanos) {
        return nanos == null ? null : nanos / 1_000_000;
    }

    /** How long after a moment a server, or any if none is named, gave its first good answer. */
    private static @Nullable Long firstAnswer(List<Ended> ended, @Nullable String server, long sinceNanos) {
        return ended.stream()
                .filter(call -> call.failure() == null && (server == null || server.equals(call.servedBy())))
                .map(call -> call.endNanos() - sinceNanos)
                .filter(nanos -> nanos > 0)
                .min(Long::compare)
                .orElse(null);
    }

    static String head() {
        return String.format(
                FORMAT, "fault", "calls", "failed", "before", "attempts", "share", "stop", "afterwards", "return");
    }

    String line() {
        return String.format(
                Locale.ROOT,
                FORMAT,
                fault.title(),
                calls,
                failures.size(),
                String.format(Locale.ROOT, "%.1f %%", shareBeforePercent),
                attempts,
                String.format(Locale.ROOT, "%.2f %%", sharePercent),
                stopMillis == null ? "-" : stopMillis + " ms",
                afterStop,
                returnMillis == null ? "-" : returnMillis + " ms");
    }
}
