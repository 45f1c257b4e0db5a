package dev.evenkeel.lb.okhttp.internal.affinity;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds the backend that a cookie's value names. Follows the pool's list of backends; a look-up is one in a map. */
final class CookieBackendLookup {
    private final SessionCookie cookie;
    private final Map<String, String> ids = new ConcurrentHashMap<>();

    private CookieBackendLookup(SessionCookie cookie) {
        this.cookie = cookie;
    }

    static CookieBackendLookup of(LoadBalancer pool, SessionCookie cookie) {
        CookieBackendLookup names = new CookieBackendLookup(cookie);
        if (cookie.naming() != SessionCookie.Naming.ID) {
            pool.addListener(new Changes(pool, names));
            pool.snapshot().backends().stream().map(BackendStatus::backend).forEach(names::add);
        }
        return names;
    }

    /** The id of the backend that a value names; null if it names none. */
    @Nullable
    String idOf(String value) {
        String name = nameIn(cookie, value);
        return name == null || cookie.naming() == SessionCookie.Naming.ID ? name : ids.get(name);
    }

    private void add(Backend backend) {
        String name = nameOf(cookie, backend);
        if (name != null) {
            ids.putIfAbsent(name, backend.id());
        }
    }

    private void remove(Backend backend) {
        String name = nameOf(cookie, backend);
        if (name != null) {
            ids.remove(name, backend.id());
        }
    }

    private void follow(LoadBalancerEvent event) {
        if (event instanceof LoadBalancerEvent.BackendAdded added) {
            add(added.backend());
        } else if (event instanceof LoadBalancerEvent.BackendUpdated updated) {
            remove(updated.before());
            add(updated.after());
        } else if (event instanceof LoadBalancerEvent.BackendRemoved removed) {
            remove(removed.backend());
        }
    }

    /** The backend's name in a value; null if there is none. */
    static @Nullable String nameIn(SessionCookie cookie, String value) {
        int tilde = value.indexOf('~');
        int dot = value.lastIndexOf('.');
        String found = switch (cookie.part()) {
            case WHOLE -> value;
            case BEFORE_TILDE -> tilde < 0 ? "" : value.substring(0, tilde);
            case AFTER_DOT -> dot < 0 ? "" : value.substring(dot + 1);
        };
        return found.isEmpty() ? null : found;
    }

    /** A backend's name in values; null if it has none. */
    static @Nullable String nameOf(SessionCookie cookie, Backend backend) {
        return switch (cookie.naming()) {
            case ID -> backend.id();
            case METADATA -> backend.metadata().get(cookie.metadataKey());
            case URI_HASH -> hash(backend.uri().toString());
        };
    }

    private static String hash(String uri) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(uri.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Refers to its owner weakly: a pool may outlive many clients. */
    private static final class Changes implements LoadBalancerListener {
        private final LoadBalancer pool;
        private final WeakReference<CookieBackendLookup> names;

        Changes(LoadBalancer pool, CookieBackendLookup names) {
            this.pool = pool;
            this.names = new WeakReference<>(names);
        }

        @Override
        public void onEvent(LoadBalancerEvent event) {
            CookieBackendLookup present = names.get();
            if (present == null) {
                pool.removeListener(this);
            } else {
                present.follow(event);
            }
        }
    }
}
