package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import java.io.IOException;
import java.net.UnknownHostException;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Which redirects of a backend cannot be followed. OkHttp follows redirects beneath the attempt, over connections to the same
 * backend. So a redirect from {@code http} to {@code https} would begin TLS at the port that has just answered in clear
 * text, and a redirect to the logical host leaves a backend whose URL was rewritten.
 */
final class RedirectRule {
    private RedirectRule() {}

    /** Why a redirect of the attempt's backend cannot be followed; null if it can. */
    static @Nullable String refusal(Attempt attempt, HttpUrl next) {
        Exchange exchange = attempt.exchange();
        Backend backend = attempt.backend();
        boolean wasHttps = exchange.isRewritten()
                ? backend.isTls()
                : exchange.request().url().isHttps();
        // A port of scheme tcp may speak both.
        if (!exchange.leadsTo(next)
                || next.isHttps() == wasHttps
                || backend.uri().getScheme().equals("tcp")) {
            return null;
        }
        return start(attempt, next)
                + (wasHttps ? ", but the port that has answered speaks TLS" : ", but the port that has answered does not speak TLS")
                + "; call " + origin(next) + " and give the pool backends with an " + next.scheme()
                + " URI, or do not follow such redirects: followSslRedirects(false)";
    }

    /** The exception of a call that was redirected away from its backend. */
    static IOException explained(IOException e, Attempt attempt, @Nullable HttpUrl next) {
        boolean toTheName = next != null
                && attempt.exchange().isRewritten()
                && next.host().equals(attempt.exchange().request().url().host());
        if (next == null || !toTheName || !(e instanceof UnknownHostException)) {
            return e;
        }
        UnknownHostException explained = new UnknownHostException(start(attempt, next)
                + ", which is no address, and the backend is called under its own; let it redirect to a path or to its own"
                + " address, or use Addressing.STEER");
        explained.initCause(e);
        return explained;
    }

    private static String start(Attempt attempt, HttpUrl next) {
        return attempt.exchange().destination().described() + ": backend "
                + BackendAddress.describe(attempt.backend()) + " redirects to " + origin(next);
    }

    private static String origin(HttpUrl url) {
        String origin = url.scheme() + "://" + url.host();
        return url.port() == HttpUrl.defaultPort(url.scheme()) ? origin : origin + ":" + url.port();
    }

    /** Why a redirect to another host is not followed: the request has credentials that are the backend's alone. */
    static String credentials(Attempt attempt) {
        return attempt.exchange().destination().described() + ": backend "
                + BackendAddress.describe(attempt.backend())
                + " redirects to another host, and the request has credentials that are the backend's alone;"
                + " attach the pools with attach(client), or switch redirects off";
    }
}
