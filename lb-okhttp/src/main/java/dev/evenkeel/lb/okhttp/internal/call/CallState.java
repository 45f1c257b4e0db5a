package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.affinity.RequestHint;
import dev.evenkeel.lb.okhttp.internal.affinity.Sessions;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import dev.evenkeel.lb.okhttp.internal.steering.RepeatablePick;
import dev.evenkeel.lb.okhttp.internal.steering.StaleConnection;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.CookieJar;
import okhttp3.EventListener;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The state of one call: a tag of the call, its event listener, and the context of its picks. Passes OkHttp's events to
 * the current attempt.
 */
public final class CallState extends EventListener implements RepeatablePick {
    private boolean listening;
    private volatile List<Backend> tried = List.of();
    private @Nullable Destination destination;
    private volatile @Nullable RouteTimeout deadline;
    private @Nullable String affinityKey;
    private @Nullable InetAddress clientAddress;
    private Sessions.@Nullable Session session;
    private @Nullable String boundBackend;
    private @Nullable Subset subset;
    private @Nullable Predicate<Backend> permitted;
    private boolean movesSession;
    private volatile @Nullable Attempt current;
    /** A redirect was not followed, since the request has credentials for the attempt's backend only. */
    private volatile boolean redirectRefused;

    private volatile boolean cancelSeen;
    private volatile boolean timedOut;
    /** The thread that waits between two attempts; null if none does. */
    private volatile @Nullable Thread pausing;
    /** The call's entry in the queue of a full pool; null if it does not wait. */
    private volatile @Nullable CompletableFuture<PickResult> queued;

    private final long startNanos = System.nanoTime();

    /** The connection that OkHttp keeps for the call between two exchanges. */
    private @Nullable Connection held;

    /** The connection that is acquired next is a new one. */
    private boolean fresh;

    private CallState() {}

    /** Returns the state of a call; the first time it is made and begins to listen to the call's events. */
    public static CallState of(Call call) {
        CallState state = call.tag(CallState.class, CallState::new);
        if (!state.listening) {
            state.listening = true;
            call.addEventListener(state);
        }
        return state;
    }

    public static @Nullable CallState find(Call call) {
        return call.tag(CallState.class);
    }

    long startNanos() {
        return startNanos;
    }

    /**
     * Begins a pass through the interceptor; there are several if an interceptor above ours repeats the request.
     *
     * @param chosen where the request goes
     * @param avoided backends that count as tried
     * @param isHedge whether it is the second request of a hedged call
     */
    public void begin(Destination chosen, List<Backend> avoided, boolean isHedge) {
        Attempt last = current;
        if (last != null) {
            // Usually it has ended. If its response is still open, OkHttp refuses to go on, and we would not hear of
            // its end.
            last.end();
        }
        destination = chosen;
        tried = avoided;
        movesSession = !isHedge;
        redirectRefused = false;
        current = null;
    }

    /**
     * Finds what binds the request to backends: affinity key, client address, session, subset.
     *
     * @throws IOException if the application's code for it throws
     */
    public void identify(Request request, CookieJar cookies, Destination chosen) throws IOException {
        ClientConfig settings = chosen.settings();
        AffinityKey key = settings.affinityKey();
        if (key != null) {
            try {
                affinityKey = key.of(request, cookies);
            } catch (RuntimeException | Error e) {
                throw notFound("affinity key", request, e);
            }
        }
        ClientAddress address = settings.clientAddress();
        if (address != null) {
            try {
                clientAddress = address.of(request);
            } catch (RuntimeException | Error e) {
                throw notFound("client address", request, e);
            }
        }
        Sessions sessions = chosen.sessions();
        try {
            session = sessions == null ? null : sessions.find(request, cookies);
        } catch (RuntimeException | Error e) {
            throw notFound("session", request, e);
        }
        RequestHint hint = request.tag(RequestHint.class);
        subset = hint != null && hint.subset() != null ? hint.subset() : settings.subset();
        String hinted = hint == null ? null : hint.backend();
        boundBackend = hinted != null ? hinted : session == null ? null : session.backend();
    }

    /** Binds the request's session to the chosen backend, unless this is the second request of a hedged call. */
    void goesTo(Lease lease) {
        Sessions.Session present = session;
        if (present != null && movesSession) {
            present.goesTo(lease);
        }
    }

    public static IOException notFound(String what, Request request, Throwable cause) {
        Containment.rethrowFatal(cause);
        return new IOException(
                "the " + what + " of " + request.method() + " " + request.url().redact()
                        + " is unknown, since the code that finds it threw " + cause,
                cause);
    }

    @Override
    public @Nullable String affinityKey() {
        return affinityKey;
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        return clientAddress;
    }

    @Override
    public @Nullable String boundBackend() {
        return boundBackend;
    }

    @Override
    public @Nullable Subset subset() {
        return subset;
    }

    /** Sets which backends the request may be sent to; replaces the rule of an earlier pass. */
    void permitted(@Nullable Predicate<Backend> rule) {
        permitted = rule;
    }

    @Override
    public @Nullable Predicate<Backend> permitted() {
        return permitted;
    }

    /** Sets the timeout of the call's route; replaces that of an earlier pass. */
    void limit(@Nullable RouteTimeout limit) {
        stopDeadline();
        deadline = limit;
        if (limit != null) {
            limit.start();
        }
    }

    /** Returns the response with a body that reports the route's timeout if that cuts it off. */
    Response watched(Response response) {
        RouteTimeout running = deadline;
        return running == null ? response : running.watch(response);
    }

    private void stopDeadline() {
        RouteTimeout running = deadline;
        if (running != null) {
            running.stop();
        }
    }

    /** Makes the exception of a cancelled call: its caller cancelled it, or the route's timeout did. */
    IOException explained(IOException cancelled) {
        RouteTimeout running = deadline;
        if (running != null && running.isExpired()) {
            return running.exception(cancelled);
        }
        Attempt attempt = current;
        return attempt != null && redirectRefused
                ? new IOException(
                        attempt.exchange().destination().described() + ": backend " + BackendAddress.describe(attempt.backend())
                                + " redirects to another host, and the request has credentials that are the backend's alone;"
                                + " attach the pools with attach(client), or switch redirects off",
                        cancelled)
                : cancelled;
    }

    private boolean isOverdue() {
        RouteTimeout running = deadline;
        return running != null && running.isExpired();
    }

    void start(Attempt attempt) {
        current = attempt;
    }

    @Override
    public void addTried(Backend backend) {
        List<Backend> more = new ArrayList<>(tried);
        more.add(backend);
        tried = List.copyOf(more);
    }

    /** The backends of the call's attempts. For other threads: the latest may be missing. */
    public List<Backend> triedAndCurrent() {
        List<Backend> before = tried;
        Attempt attempt = current;
        if (attempt == null || before.contains(attempt.backend())) {
            return before;
        }
        List<Backend> all = new ArrayList<>(before);
        all.add(attempt.backend());
        return List.copyOf(all);
    }

    @Override
    public void tried(List<Backend> before) {
        tried = before;
    }

    void forgetTried() {
        tried = List.of();
    }

    @Override
    public List<Backend> tried() {
        return tried;
    }

    /** The lease of an attempt whose response may yet be returned; null if there is none. */
    @Override
    public @Nullable Lease previous() {
        Attempt attempt = current;
        return attempt == null || attempt.isFinished() ? null : attempt.lease();
    }

    @Override
    public AttemptKind attemptKind() {
        if (current != null) {
            return AttemptKind.RETRY;
        }
        return movesSession ? AttemptKind.FIRST : AttemptKind.HEDGE;
    }

    public @Nullable Connection held() {
        return held;
    }

    public @Nullable CallTrace trace() {
        Attempt last = current;
        if (last != null) {
            return last.callTrace();
        }
        Destination chosen = destination;
        return chosen == null ? null : chosen.trace(List.of());
    }

    /**
     * Waits between two attempts. The end of the call, by cancellation or its timeout, ends the wait at once.
     *
     * @throws InterruptedIOException if the thread is interrupted; its flag is left set
     */
    void pause(long nanos) throws InterruptedIOException {
        long untilNanos = System.nanoTime() + nanos;
        pausing = Thread.currentThread();
        try {
            for (long left = nanos; left > 0 && !cancelSeen; left = untilNanos - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                if (Thread.currentThread().isInterrupted()) {
                    throw OkHttpQuirks.interrupted(null);
                }
            }
        } finally {
            pausing = null;
        }
    }

    /**
     * Waits for room in a full pool. The end of the call ends the wait at once.
     *
     * @throws IOException if the call is cancelled or the thread interrupted; its flag is left set then
     */
    PickResult await(CompletableFuture<PickResult> room) throws IOException {
        queued = room;
        if (cancelSeen) {
            room.cancel(false);
        }
        try {
            return room.get();
        } catch (CancellationException e) {
            throw explained(OkHttpQuirks.cancelled(e));
        } catch (ExecutionException e) {
            throw new IOException("pool \"" + nameOfPool() + "\" broke its promise to answer", e);
        } catch (InterruptedException e) {
            if (!room.cancel(false) && room.join() instanceof Lease tooLate) {
                tooLate.complete(Outcome.DISCARDED);
            }
            Thread.currentThread().interrupt();
            throw OkHttpQuirks.interrupted(e);
        } finally {
            queued = null;
        }
    }

    private String nameOfPool() {
        Destination chosen = destination;
        return chosen == null ? "" : chosen.pool().name();
    }

    /**
     * Ends an attempt of a cancelled call. With a call timeout only {@link #canceled} can tell a timeout from a
     * cancellation by the caller, and OkHttp sets its flag before that event: then the event ends the attempt.
     */
    void finishCancelled(Call call, Attempt attempt) {
        if (cancelSeen || call.timeout().timeoutNanos() == 0) {
            attempt.cancel(cancelOutcome());
        }
    }

    private Outcome cancelOutcome() {
        return timedOut || isOverdue() ? Outcome.TIMED_OUT : Outcome.CANCELLED;
    }

    @Override
    public void canceled(Call call) {
        timedOut = isOverdue() || OkHttpQuirks.isCallTimeout(call, startNanos);
        cancelSeen = true;
        stopDeadline();
        Thread thread = pausing;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
        CompletableFuture<PickResult> room = queued;
        if (room != null) {
            room.cancel(false);
        }
        Attempt attempt = current;
        if (attempt != null) {
            attempt.cancel(cancelOutcome());
        }
    }

    @Override
    public void connectEnd(Call call, InetSocketAddress address, Proxy proxy, @Nullable Protocol protocol) {
        fresh = true;
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        held = connection;
        Attempt attempt = current;
        if (attempt != null) {
            attempt.connectionAcquired();
            if (!fresh && attempt.checksConnections() && StaleConnection.isStale(connection)) {
                // The write will fail at once, and TransparentRetries continues the attempt on another connection.
                attempt.connectionStale();
                StaleConnection.close(connection);
            }
        }
        fresh = false;
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
        held = null;
    }

    @Override
    public void requestHeadersStart(Call call) {
        Attempt attempt = current;
        if (attempt != null) {
            attempt.requestStarts();
        }
    }

    @Override
    public void requestHeadersEnd(Call call, Request sent) {
        Attempt attempt = current;
        if (attempt != null && sent.body() == null) {
            attempt.requestEnds(held);
        }
    }

    @Override
    public void requestBodyEnd(Call call, long byteCount) {
        Attempt attempt = current;
        if (attempt != null) {
            attempt.requestEnds(held);
        }
    }

    @Override
    public void requestFailed(Call call, IOException ioe) {
        Attempt attempt = current;
        if (attempt != null) {
            attempt.requestFails(ioe);
        }
    }

    @Override
    public void responseHeadersStart(Call call) {
        Attempt attempt = current;
        if (attempt != null) {
            attempt.responseStarts();
        }
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
        Attempt attempt = current;
        if (attempt != null) {
            attempt.responseHeadersEnd(response);
            Sessions.Session present = session;
            if (present != null && !attempt.hasLeft()) {
                present.answered(response, attempt.lease());
            }
        }
    }

    @Override
    public void responseBodyEnd(Call call, long byteCount) {
        Attempt attempt = current;
        if (attempt != null) {
            attempt.responseBodyEnds();
        }
    }

    @Override
    public void responseFailed(Call call, IOException ioe) {
        Attempt attempt = current;
        if (attempt == null) {
            return;
        }
        if (call.isCanceled()) {
            // The reader may notice a cancellation before the listeners do.
            attempt.requestFails(ioe);
            finishCancelled(call, attempt);
        } else {
            attempt.responseFails(ioe);
        }
    }

    @Override
    public void followUpDecision(Call call, Response networkResponse, @Nullable Request nextRequest) {
        Attempt attempt = current;
        if (attempt != null && nextRequest != null && !attempt.exchange().leadsTo(nextRequest.url())) {
            attempt.redirectLeaves();
            NetworkEdits changes = attempt.exchange().destination().edits();
            if (attempt.exchange().isPrepared() && changes != null && changes.hasCredentials()) {
                redirectRefused = true;
                call.cancel();
            }
        }
    }

    @Override
    public void callEnd(Call call) {
        stopDeadline();
        Attempt attempt = current;
        if (attempt != null) {
            attempt.end();
        }
    }

    @Override
    public void callFailed(Call call, IOException ioe) {
        stopDeadline();
        Attempt attempt = current;
        if (attempt == null) {
            return;
        }
        if (call.isCanceled()) {
            finishCancelled(call, attempt);
        } else {
            attempt.fail(DefaultOutcomeRules.ofBrokenExchange(ioe), ioe);
        }
    }
}
