package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.Unavailable.Occupancy;
import dev.evenkeel.lb.okhttp.internal.http.HedgedTrace;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.StringJoiner;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the exception of a call whose attempts all failed. It has the type of the last attempt's exception, so that a
 * {@code catch} of {@link SocketTimeoutException} or {@link SSLException} still works. Its text names the pool and each
 * backend with its real address (OkHttp's texts name the logical one). Its cause is the last exception; the earlier
 * ones are suppressed, each with its backend's address.
 */
@SuppressWarnings("OverrideThrowableToString") // the type is what differs, not the message
public final class CallFailure {
    private CallFailure() {}

    /**
     * Makes the exception.
     *
     * @param noOtherBackend why there was no other backend; null if that was not the reason to stop
     * @param stopped another reason why there was no further attempt; may be empty
     */
    static IOException of(Attempt last, IOException e, @Nullable Unavailable noOtherBackend, String stopped) {
        IOException report = ofKind(e, text(last) + otherName(last, e) + otherBackends(noOtherBackend) + stopped, last);
        report.initCause(e);
        for (Attempt earlier = last.previous(); earlier != null; earlier = earlier.previous()) {
            Throwable failure = earlier.failure();
            if (failure != null && failure != e) {
                report.addSuppressed(failure instanceof IOException thrown ? ofEarlier(earlier, thrown) : failure);
            }
        }
        return report;
    }

    /** The failure of one attempt, with the backend's real address instead of the logical one of OkHttp's text. */
    private static IOException ofEarlier(Attempt attempt, IOException e) {
        IOException named = ofKind(e, textOfOne(attempt), attempt);
        named.initCause(e);
        return named;
    }

    private static String textOfOne(Attempt attempt) {
        return BackendAddress.describe(attempt.backend()) + ": " + attempt.reason();
    }

    private static String text(Attempt last) {
        Deque<String> attempts = new ArrayDeque<>();
        for (Attempt attempt = last; attempt != null; attempt = attempt.previous()) {
            attempts.addFirst(textOfOne(attempt));
        }
        return last.exchange().destination().described() + " failed after " + attempts.size()
                + (attempts.size() == 1 ? " attempt: " : " attempts: ") + String.join("; ", attempts);
    }

    /** What to do if the certificate on a steered connection is for another name than the URL's. */
    private static String otherName(Attempt last, IOException e) {
        return OkHttpQuirks.isNameMismatch(e) && !last.exchange().isRewritten()
                ? "; the certificate of backend " + BackendAddress.describe(last.backend()) + " must name \""
                        + last.exchange().request().url().host()
                        + "\", or its URI the name in the certificate, or use Addressing.REWRITE"
                : "";
    }

    /** The reasons why the untried backends were not eligible; empty if there are none. */
    private static String otherBackends(@Nullable Unavailable noOtherBackend) {
        if (noOtherBackend == null) {
            return "";
        }
        StringJoiner reasons = new StringJoiner(", ", "; other backends: ", "");
        reasons.setEmptyValue("");
        noOtherBackend.reasons().forEach((reason, count) -> {
            if (reason != Ineligibility.TRIED) {
                reasons.add(count + " " + reason.text());
            }
        });
        Occupancy occupancy = noOtherBackend.occupancy();
        return occupancy == null ? reasons.toString() : reasons + "; the pool is full: " + occupancy.text();
    }

    /** The trace; of a hedged call, whose other request may go on, it is made when it is asked for. */
    private static Supplier<CallTrace> trace(Attempt last) {
        if (HedgedTrace.isHedged(last.exchange().request())) {
            return last::callTrace;
        }
        CallTrace trace = last.callTrace();
        return () -> trace;
    }

    private static IOException ofKind(IOException e, String text, Attempt last) {
        Supplier<CallTrace> trace = trace(last);
        if (e instanceof SocketTimeoutException) {
            return new Timeout(text, trace);
        } else if (e instanceof InterruptedIOException) {
            return new Interrupted(text, trace);
        } else if (e instanceof ConnectException) {
            return new Connect(text, trace);
        } else if (e instanceof NoRouteToHostException) {
            return new NoRoute(text, trace);
        } else if (e instanceof SocketException) {
            return new Broken(text, trace);
        } else if (e instanceof UnknownHostException) {
            return new UnknownHost(text, trace);
        } else if (e instanceof SSLPeerUnverifiedException) {
            return new Unverified(text, trace);
        } else if (e instanceof SSLHandshakeException) {
            return new Handshake(text, trace);
        } else if (e instanceof SSLException) {
            return new Tls(text, trace);
        } else if (e instanceof ProtocolException) {
            return new Protocol(text, trace);
        }
        return new Other(text, trace);
    }

    /**
     * An exception that has the trace of its call.
     *
     * <p>There is one class for each exception that callers of OkHttp tell apart, since a class can extend one of them
     * only: {@code catch (SocketTimeoutException e)} and OkHttp's own retries must find what they would find without
     * this library. They differ in nothing else.
     */
    public interface Traced {
        CallTrace trace();
    }

    /** An exception as text, with the type that callers know: the classes below are internal. */
    private static String asPublicType(Throwable e) {
        return e.getClass().getSuperclass().getName() + ": " + e.getMessage();
    }

    private static final class Timeout extends SocketTimeoutException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Timeout(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Interrupted extends InterruptedIOException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Interrupted(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Connect extends ConnectException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Connect(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class NoRoute extends NoRouteToHostException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        NoRoute(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Broken extends SocketException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Broken(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class UnknownHost extends UnknownHostException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        UnknownHost(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Unverified extends SSLPeerUnverifiedException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Unverified(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Handshake extends SSLHandshakeException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Handshake(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Tls extends SSLException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Tls(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Protocol extends ProtocolException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Protocol(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }

    private static final class Other extends IOException implements Traced {
        private static final long serialVersionUID = 1L;
        private final transient Supplier<CallTrace> trace;

        Other(String text, Supplier<CallTrace> trace) {
            super(text);
            this.trace = trace;
        }

        @Override
        public CallTrace trace() {
            return trace.get();
        }

        @Override
        public String toString() {
            return asPublicType(this);
        }
    }
}
