package dev.evenkeel.lb.okhttp;

import java.io.IOException;
import java.util.List;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * What is done with the requests of one route, or with those whose host is a pool's name.
 *
 * @param settings the client's, as the route has them
 * @param dispatches one for each pool that the requests may go to
 * @param shares which of them; null if there is one
 * @param mirrors where copies go
 */
record Claim(
        Settings settings,
        List<Dispatch> dispatches,
        @Nullable Shares shares,
        List<Mirroring> mirrors) {

    /** Chooses the pool of a request. */
    Dispatch dispatch(Request request) throws IOException {
        return shares == null ? dispatches.get(0) : dispatches.get(shares.next(request));
    }
}
