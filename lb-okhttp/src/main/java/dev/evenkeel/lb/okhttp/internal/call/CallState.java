package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.okhttp.internal.affinity.RequestAffinity;
import dev.evenkeel.lb.okhttp.internal.affinity.Sessions;
import dev.evenkeel.lb.okhttp.internal.http.HedgedTrace;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.steering.QueueDeadlock;
import dev.evenkeel.lb.okhttp.internal.steering.RepeatablePick;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import kotlin.jvm.JvmClassMappingKt;
import kotlin.reflect.KClass;
import okhttp3.Call;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The state of one call: a tag of the call, and the context of its picks. {@link CallEvents} handle the events of the call. */
public final class CallState extends CallEvents implements RepeatablePick, QueueDeadlock.Place {
    /** The key of a call's tag. Of a class, OkHttp would make a key at each use. */
    private static final KClass<CallState> TAG = JvmClassMappingKt.getKotlinClass(CallState.class);

    // A call makes one of these: what is null at first costs it no write that other processors must see.
    private boolean listening;
    private volatile @Nullable List<Backend> tried;
    /** The list of tried backends after which passive health does not count; null if there is none. */
    private volatile @Nullable List<Backend> inVain;

    private @Nullable Destination destination;
    private volatile @Nullable RouteTimeout deadline;
    private RequestAffinity affinity = RequestAffinity.NONE;
    private @Nullable Predicate<Backend> permitted;
    private boolean movesSession;
    private volatile @Nullable Attempt current;
    /** The redirect that has led away from the backend, or was refused; null if there is none. */
    private volatile @Nullable Redirect redirect;

    private volatile boolean timedOut;

    private final long startNanos = System.nanoTime();

    private CallState() {}

    /** Returns the state of a call; the first time it is made and begins to listen to the call's events. */
    public static CallState of(Call call) {
        CallState state = call.tag(TAG, CallState::new);
        if (!state.listening) {
            state.listening = true;
            call.addEventListener(state);
        }
        return state;
    }

    public static @Nullable CallState find(Call call) {
        return call.tag(TAG);
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
     * @return when it begins, by {@link System#nanoTime}
     */
    public long begin(Destination chosen, List<Backend> avoided, boolean isHedge) {
        boolean isFirst = destination == null;
        if (!isFirst) {
            forgetPass();
        }
        runsHere();
        destination = chosen;
        if (!avoided.isEmpty()) {
            tried = avoided;
        }
        movesSession = !isHedge;
        return isFirst ? startNanos : System.nanoTime();
    }

    private void forgetPass() {
        Attempt last = current;
        if (last != null) {
            // Usually it has ended. If its response is still open, OkHttp refuses to go on, and we would not hear of
            // its end.
            last.end();
        }
        tried = null;
        redirect = null;
        current = null;
        ended(null);
    }

    @Nullable
    Destination destination() {
        return destination;
    }

    /**
     * Finds what binds the request to backends: affinity key, client address, session, subset.
     *
     * @throws IOException if the application's code for it throws
     */
    public void identify(Request request, CookieJar cookies, Destination chosen) throws IOException {
        ClientConfig settings = chosen.settings();
        affinity = RequestAffinity.find(
                request,
                cookies,
                settings.affinityKey(),
                settings.clientAddress(),
                chosen.sessions(),
                settings.subset());
    }

    /** Binds the request's session to the chosen backend, unless this is the second request of a hedged call. */
    void goesTo(Lease lease) {
        Sessions.Session present = affinity.session();
        if (present != null && movesSession) {
            present.goesTo(lease);
        }
    }

    @Override
    public @Nullable String affinityKey() {
        return affinity.key();
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        return affinity.clientAddress();
    }

    @Override
    public @Nullable String boundBackend() {
        return affinity.boundBackend();
    }

    @Override
    public @Nullable Subset subset() {
        return affinity.subset();
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
        RouteTimeout earlier = deadline;
        if (earlier != null) {
            earlier.stop();
        }
        if (earlier != null || limit != null) {
            deadline = limit;
        }
        if (limit != null) {
            limit.start();
        }
    }

    /** Returns the response with a body that reports the route's timeout if that cuts it off. */
    Response watched(Response response) {
        RouteTimeout running = deadline;
        return running == null ? response : running.watch(response);
    }

    @Override
    void stopDeadline() {
        RouteTimeout running = deadline;
        if (running != null) {
            running.stop();
        }
    }

    /** Makes the exception of a cancelled call: its caller cancelled it, the route's timeout or the pool did. */
    IOException explained(IOException cancelled) {
        RouteTimeout running = deadline;
        if (running != null && running.isExpired()) {
            return running.exception(cancelled);
        }
        Redirect last = redirect;
        if (last != null && last.refusal() != null) {
            return new IOException(last.refusal(), cancelled);
        }
        Attempt attempt = current;
        return attempt == null ? cancelled : attempt.explained(cancelled);
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
        List<Backend> more = new ArrayList<>(tried());
        more.add(backend);
        tried = List.copyOf(more);
    }

    /** As {@link #addTried}, for a backend that could not serve the call: one without an answer, or out of reach. */
    void addTriedInVain(Backend backend) {
        addTried(backend);
        inVain = tried;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Backends that are left out of one pick for another reason do not count.
    public boolean ignoresPassiveHealth() {
        List<Backend> present = tried;
        return present != null && present == inVain;
    }

    /** The backends of the call's attempts. For other threads: the latest may be missing. */
    public List<Backend> triedAndCurrent() {
        List<Backend> before = tried();
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
        tried = null;
    }

    @Override
    public List<Backend> tried() {
        List<Backend> present = tried;
        return present == null ? List.of() : present;
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

    /** The latest attempt; null before the first. */
    @Override
    @Nullable
    Attempt current() {
        return current;
    }

    /** The attempts until now. For other threads, too. */
    public List<HedgedTrace.Made> made() {
        Attempt last = current;
        return last == null ? List.of() : last.made();
    }

    public @Nullable CallTrace trace() {
        Attempt last = current;
        if (last != null) {
            return last.callTrace();
        }
        Destination chosen = destination;
        return chosen == null ? null : chosen.trace(List.of());
    }

    /** The trace without the attempts of the other request of a hedged call; null before the first attempt. */
    public @Nullable CallTrace ownTrace() {
        Attempt last = current;
        return last == null ? null : last.exchange().destination().ownTrace(last.made());
    }

    @Override
    public boolean holdsPlaceIn(LoadBalancer pool) {
        Attempt attempt = current;
        return attempt != null
                && !attempt.isFinished()
                && attempt.exchange().destination().pool().balancer() == pool;
    }

    /**
     * Waits for room in a full pool. The end of the call ends the wait at once.
     *
     * @throws IOException if the call is cancelled or the thread interrupted; its flag is left set then
     */
    PickResult await(CompletableFuture<PickResult> room) throws IOException {
        try {
            return awaitRoom(room);
        } catch (CancellationException e) {
            throw explained(OkHttpQuirks.cancelled(e));
        } catch (ExecutionException e) {
            throw new IOException("pool \"" + nameOfPool() + "\" broke its promise to answer", e);
        }
    }

    private String nameOfPool() {
        Destination chosen = destination;
        return chosen == null ? "" : chosen.pool().name();
    }

    /**
     * Ends an attempt of a cancelled call. With a call timeout only {@link CallEvents#canceled} can tell a timeout from a
     * cancellation by the caller, and OkHttp sets its flag before that event: then the event ends the attempt.
     */
    @Override
    void finishCancelled(Call call, Attempt attempt) {
        if (isWaitCancelled() || call.timeout().timeoutNanos() == 0) {
            attempt.cancel(cancelOutcome());
        }
    }

    private Outcome cancelOutcome() {
        return timedOut || isOverdue() ? Outcome.TIMED_OUT : Outcome.CANCELLED;
    }

    /** Whether a timeout or the refusal of a redirect has cancelled the call, and not its caller. */
    boolean endedBySelf(Call call) {
        Redirect last = redirect;
        return timedOut
                || isOverdue()
                || OkHttpQuirks.isCallTimeout(call, startNanos)
                || (last != null && last.refusal() != null);
    }

    /** The call was cancelled, by its caller or a timeout. */
    @Override
    void cancelled(Call call) {
        timedOut = isOverdue() || OkHttpQuirks.isCallTimeout(call, startNanos);
        stopDeadline();
        cancelWaits();
        Attempt attempt = current;
        if (attempt != null) {
            attempt.cancel(cancelOutcome());
        }
    }

    /** The response's head has come: it may bind the session. */
    @Override
    void answered(Attempt attempt, Response response) {
        Sessions.Session present = affinity.session();
        if (present != null && !attempt.hasLeft()) {
            present.answered(response, attempt.lease());
        }
    }

    @Override
    void redirected(Call call, Redirect to) {
        redirect = to;
        if (to.refusal() != null) {
            call.cancel();
        }
    }

    /** Where a redirect has led away from the backend; null if none has. */
    @Nullable
    HttpUrl redirectedTo() {
        Redirect last = redirect;
        return last == null ? null : last.target();
    }
}
