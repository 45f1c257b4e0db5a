package dev.evenkeel.lb.okhttp.affinity;

import dev.evenkeel.lb.Subset;
import org.jspecify.annotations.Nullable;

/**
 * Overrides the client's subset or session for one request, as a tag:
 *
 * <pre>{@code
 * new Request.Builder().url("http://users/42").tag(RequestHint.class, RequestHint.subset(Subset.of("version", "2"))).build()
 * }</pre>
 *
 * @param subset the backends that may be chosen; null for the client's setting
 * @param backend the id of the backend that the request's session is bound to: it is taken if it can be, even if it
 *     drains; null for the one that is found by the client's {@link SessionPolicy}
 */
public record RequestHint(@Nullable Subset subset, @Nullable String backend) {

    /**
     * Only backends of a subset.
     *
     * @param subset what they must have
     * @return a hint
     */
    public static RequestHint subset(Subset subset) {
        return new RequestHint(subset, null);
    }

    /**
     * A certain backend, if it can be had.
     *
     * @param id the backend's id
     * @return a hint
     */
    public static RequestHint backend(String id) {
        return new RequestHint(null, id);
    }

    /**
     * The same for a session that is bound.
     *
     * @param id the backend's id
     * @return a copy
     */
    public RequestHint withBackend(String id) {
        return new RequestHint(subset, id);
    }
}
