package dev.evenkeel.lb.okhttp.internal.affinity;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.session.SessionTable;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import dev.evenkeel.lb.okhttp.internal.http.Cookies;
import java.util.List;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The sessions of one pool and one client, by a {@link SessionPolicy}. */
public final class Sessions {
    private final @Nullable AffinityKey key;
    private final @Nullable SessionTable table;
    private final @Nullable SessionCookie cookie;
    private final @Nullable CookieBackendLookup names;

    public Sessions(LoadBalancer pool, SessionPolicy policy) {
        this.key = policy.key();
        this.table = table(policy);
        this.cookie = policy.cookie();
        this.names = cookie == null ? null : CookieBackendLookup.of(pool, cookie);
    }

    /** The table to use; null if there is no key. */
    private static @Nullable SessionTable table(SessionPolicy policy) {
        if (policy.key() == null || policy.table() != null) {
            return policy.table();
        }
        return SessionTable.builder()
                .maxSessions(policy.maxSessions())
                .idleTimeout(policy.idleTimeout())
                .build();
    }

    /** Finds the session of a request. */
    public Session find(Request request, CookieJar cookies) {
        String sessionKey = key == null ? null : key.of(request, cookies);
        String remembered = null;
        if (sessionKey == null || sessionKey.isEmpty()) {
            sessionKey = null;
        } else if (table != null) {
            remembered = table.backendOf(sessionKey);
        }
        return new Session(this, sessionKey, remembered, named(request, cookies));
    }

    private @Nullable String named(Request request, CookieJar cookies) {
        if (cookie == null || names == null) {
            return null;
        }
        String value = Cookies.value(request, cookies, cookie.name());
        return value == null ? null : names.idOf(value);
    }

    /** The session of one request. */
    public static final class Session {
        private final Sessions sessions;
        private final @Nullable String key;
        private @Nullable String remembered;
        private final @Nullable String named;

        Session(Sessions sessions, @Nullable String key, @Nullable String remembered, @Nullable String named) {
            this.sessions = sessions;
            this.key = key;
            this.remembered = remembered;
            this.named = named;
        }

        /** The id of the backend that it is bound to; null if it is bound to none. */
        public @Nullable String backend() {
            return named != null ? named : remembered;
        }

        /** Binds the session to the chosen backend. */
        public void goesTo(Lease lease) {
            SessionTable table = sessions.table;
            String id = lease.backend().id();
            if (key != null && table != null && !id.equals(remembered)) {
                remembered = table.bind(key, remembered, id);
                if (remembered.equals(id)) {
                    lease.bind();
                }
            }
        }

        /** Binds the session if the response sets the cookie. */
        public void answered(Response response, Lease lease) {
            SessionCookie cookie = sessions.cookie;
            CookieBackendLookup names = sessions.names;
            if (cookie == null || names == null || response.header("Set-Cookie") == null) {
                return;
            }
            List<Cookie> set = Cookie.parseAll(response.request().url(), response.headers());
            for (Cookie one : set) {
                if (one.name().equals(cookie.name())
                        && one.expiresAt() > System.currentTimeMillis()
                        && lease.backend().id().equals(names.idOf(one.value()))) {
                    lease.bind();
                }
            }
        }
    }
}
