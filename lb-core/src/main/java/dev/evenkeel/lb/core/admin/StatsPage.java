package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.LoadBalancer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pools as a page and as JSON, for any server. The page is self-contained: style and script are in it, and the script
 * requests the page's own address with {@code ?format=json} for changes. A server that sends a Content-Security-Policy
 * gives style and script a nonce.
 *
 * <p>Each request, for the page or for JSON, is a sample of the latencies whose history the page shows, also without
 * its script.
 *
 * <p>Thread-safe. Costs time in proportion to the number of backends, and calls none of them.
 */
public final class StatsPage {
    private final Supplier<? extends Collection<? extends LoadBalancer>> pools;
    private final LongSupplier clockMillis;
    private final LatencyHistory courses = new LatencyHistory();
    private volatile int lastLength = 32_768;

    /** With a clock that returns milliseconds since the epoch. */
    StatsPage(Supplier<? extends Collection<? extends LoadBalancer>> pools, LongSupplier clockMillis) {
        this.pools = pools;
        this.clockMillis = clockMillis;
    }

    /**
     * A page of some pools.
     *
     * @param pools in this order
     * @return a page
     */
    public static StatsPage of(LoadBalancer... pools) {
        List<LoadBalancer> all = List.of(pools);
        return of(() -> all);
    }

    /**
     * A page of pools that may change, as those of a configuration do.
     *
     * @param pools read for each request
     * @return a page
     */
    public static StatsPage of(Supplier<? extends Collection<? extends LoadBalancer>> pools) {
        return new StatsPage(pools, System::currentTimeMillis);
    }

    /**
     * The pools' current state.
     *
     * @return JSON
     */
    public String json() {
        long nowMillis = clockMillis.getAsLong();
        return StatsJson.of(nowMillis, shown(nowMillis));
    }

    /**
     * The pools' backends, one a line, for spreadsheets and scripts.
     *
     * @return CSV with the names of the columns in the first line, in UTF-8; empty without backends
     */
    public String csv() {
        return StatsCsv.of(shown(clockMillis.getAsLong()));
    }

    /**
     * The page without controls.
     *
     * @return HTML in UTF-8
     */
    public String html() {
        return html("");
    }

    /**
     * The page without controls, for a server that sends a Content-Security-Policy with it.
     *
     * @param nonce the nonce of the policy: {@code style-src 'nonce-…'; script-src 'nonce-…'; connect-src 'self'}; a
     *     new one for each page; empty for none
     * @return HTML in UTF-8
     */
    public String html(String nonce) {
        return html(nonce, null);
    }

    /**
     * The page.
     *
     * @param nonce for style and script; may be empty
     * @param token proves that a form is the page's own; null for no controls
     */
    public String html(String nonce, @Nullable String token) {
        long nowMillis = clockMillis.getAsLong();
        StringBuilder html = new StringBuilder(lastLength + lastLength / 16);
        new StatsHtml(html, nonce, token, courses, nowMillis).append(shown(nowMillis));
        lastLength = html.length();
        return html.toString();
    }

    private List<PoolRow> shown(long nowMillis) {
        List<PoolRow> shown = new ArrayList<>();
        for (LoadBalancer pool : pools.get()) {
            shown.add(new PoolRow(pool.snapshot(), pool.figures()));
        }
        courses.look(nowMillis, shown.stream().map(PoolRow::snapshot).toList());
        return shown;
    }

    /** The pool with a name; null if the page has none. */
    @Nullable
    LoadBalancer pool(String name) {
        for (LoadBalancer pool : pools.get()) {
            if (pool.name().equals(name)) {
                return pool;
            }
        }
        return null;
    }
}
