package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import okhttp3.Request;

/** What edits on the wire go by: one request, and how it is under way to its backend. */
interface ExchangeState {
    /** The backend that it goes to. */
    Backend backend();

    /** The request as the pool got it: with what the route sets. */
    Request request();

    /** The request as the application wrote it. */
    Request original();

    /** Whether the URL on the wire is the backend's. */
    boolean isRewritten();

    /** Whether the edits are made above OkHttp's own interceptors. */
    boolean isPrepared();

    /** Whether a redirect has led away from the backend. */
    boolean hasLeft();

    /** The pool, and the route if there is one, as messages name them. */
    String destinationName();
}
