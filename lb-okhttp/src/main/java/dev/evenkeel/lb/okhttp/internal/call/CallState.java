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
 * All that we keep of one call, in one object: a tag of the call, its listener, and the context of its picks. Passes what
 * OkHttp reports to the attempt that runs.
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
    private volatile boolean cancelSeen;
    private volatile boolean timedOut;
    /** The thread that waits between two attempts. */
    private volatile @Nullable Thread pausing;
    /** The call's place in the queue of a full pool. */
    private volatile @Nullable CompletableFuture<PickResult> queued;

    private final long startNanos = System.nanoTime();

    /** The connection that the call holds on to between two exchanges. */
    private @Nullable Connection held;

    /** The connection that is acquired next has just been made. */
    private boolean fresh;

    private CallState() {}

    /** The state of a call, which is made and starts to listen when it is first asked for. */
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
     * A pass through the interceptor begins; there are several in a call if an interceptor above ours repeats it.
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
            last.finish(last.answer);
        }
        destination = chosen;
        tried = avoided;
        movesSession = !isHedge;
        current = null;
    }

    /**
     * Looks for what ties the request to a backend.
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

    /** The request goes to a backend; its session stays there, unless this is but the second request of a hedge. */
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

    /** Which backends the request may be sent to; replaces what an earlier pass has set. */
    void permitted(@Nullable Predicate<Backend> rule) {
        permitted = rule;
    }

    @Override
    public @Nullable Predicate<Backend> permitted() {
        return permitted;
    }

    /** How long the call may take on its route; replaces that of an earlier pass. */
    void limit(@Nullable RouteTimeout limit) {
        stopDeadline();
        deadline = limit;
        if (limit != null) {
            limit.start();
        }
    }

    /** A response whose body says so if the call's time on its route cuts it off. */
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

    /** Why a cancelled call fails: the caller, or its time on the route. */
    IOException explained(IOException cancelled) {
        RouteTimeout running = deadline;
        if (running != null && running.isExpired()) {
            return running.exception(cancelled);
        }
        Attempt attempt = current;
        return attempt != null && attempt.redirectRefused
                ? new IOException(
                        attempt.destination.described() + ": backend " + BackendAddress.describe(attempt.backend())
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

    /** Where the call has been until now. For other threads: what has just been tried may be missing. */
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

    /** While a response is held that may yet be handed out, its attempt's lease; a failed attempt's has ended. */
    @Override
    public @Nullable Lease previous() {
        Attempt attempt = current;
        return attempt == null || attempt.isFinished() ? null : attempt.lease;
    }

    @Override
    public AttemptKind attemptKind() {
        if (current != null) {
            return AttemptKind.RETRY;
        }
        return movesSession ? AttemptKind.FIRST : AttemptKind.HEDGE;
    }

    public @Nullable
    Connection held() {
        return held;
    }

    public @Nullable
    CallTrace trace() {
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
                    throw new InterruptedIOException("interrupted");
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
            throw explained(new IOException("Canceled", e));
        } catch (ExecutionException e) {
            throw new IOException("pool \"" + nameOfPool() + "\" broke its promise to answer", e);
        } catch (InterruptedException e) {
            if (!room.cancel(false) && room.join() instanceof Lease tooLate) {
                tooLate.complete(Outcome.DISCARDED);
            }
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        } finally {
            queued = null;
        }
    }

    private String nameOfPool() {
        Destination chosen = destination;
        return chosen == null ? "" : chosen.pool().name();
    }

    /**
     * Ends an attempt of a cancelled call. With a call timeout only {@link #canceled} can tell who cancelled, and OkHttp
     * sets its flag before it says so: then the event, which is bound to come, ends the attempt.
     */
    void finishCancelled(Call call, Attempt attempt) {
        if (cancelSeen || call.timeout().timeoutNanos() == 0) {
            attempt.finish(cancelOutcome());
        }
    }

    private Outcome cancelOutcome() {
        return timedOut || isOverdue() ? Outcome.TIMED_OUT : Outcome.CANCELLED;
    }

    @Override
    public void canceled(Call call) {
        timedOut = isOverdue() || CallTimeouts.hasExpired(call, startNanos);
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
            attempt.finish(cancelOutcome());
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
        if (!fresh && attempt != null && attempt.looksAtConnections() && StaleConnection.isStale(connection)) {
            // The write will fail at once, and the attempt goes on over another connection: TransparentRetries.
            attempt.foundStale();
            StaleConnection.close(connection);
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
            attempt.exchangeFails(ioe);
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
            if (present != null) {
                present.answered(response, attempt.lease);
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
            // The reader may learn of a cancellation sooner than the listeners do.
            attempt.exchangeFails(ioe);
            finishCancelled(call, attempt);
        } else {
            attempt.responseFails(ioe);
        }
    }

    @Override
    public void followUpDecision(Call call, Response networkResponse, @Nullable Request nextRequest) {
        Attempt attempt = current;
        if (attempt != null && nextRequest != null && !attempt.leadsTo(nextRequest.url())) {
            attempt.leave();
            NetworkEdits changes = attempt.destination.edits();
            if (attempt.prepared && changes != null && changes.hasCredentials()) {
                attempt.redirectRefused = true;
                call.cancel();
            }
        }
    }

    @Override
    public void callEnd(Call call) {
        stopDeadline();
        Attempt attempt = current;
        if (attempt != null) {
            attempt.finish(attempt.answer);
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
