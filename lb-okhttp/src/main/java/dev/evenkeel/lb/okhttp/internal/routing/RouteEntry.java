package dev.evenkeel.lb.okhttp.internal.routing;

import dev.evenkeel.lb.okhttp.internal.call.AttemptSender;
import dev.evenkeel.lb.okhttp.internal.call.ClientConfig;
import java.io.IOException;
import java.util.List;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * What is done with the requests of one route, or with requests whose host is a pool's name.
 *
 * @param settings the settings of the route or the client
 * @param dispatches one sender for each pool that the requests may go to
 * @param shares chooses among the senders; null if there is one
 * @param mirrors send copies
 */
public record RouteEntry(
        ClientConfig settings,
        List<AttemptSender> dispatches,
        @Nullable WeightedSplitter shares,
        List<RequestMirror> mirrors) {

    /** Chooses the pool of a request. */
    public AttemptSender dispatch(Request request) throws IOException {
        return shares == null ? dispatches.get(0) : dispatches.get(shares.next(request));
    }
}
