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
 * @param senders one sender for each pool that the requests may go to
 * @param splitter chooses among the senders; null if there is one
 * @param mirrors send copies
 */
public record RouteEntry(
        ClientConfig settings,
        List<AttemptSender> senders,
        @Nullable WeightedSplitter splitter,
        List<RequestMirror> mirrors) {

    /** Chooses the pool of a request. */
    public AttemptSender sender(Request request) throws IOException {
        return splitter == null ? senders.get(0) : senders.get(splitter.next(request));
    }
}
