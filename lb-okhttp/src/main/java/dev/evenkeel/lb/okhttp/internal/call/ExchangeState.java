package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import okhttp3.Request;

/** The state of one request that {@link NetworkEdits} need: its backend, its URL, and where the edits are made. */
interface ExchangeState {
    /** The backend that it goes to. */
    Backend backend();

    /** The request with the route's changes. */
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
