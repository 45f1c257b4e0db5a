package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import okhttp3.CertificatePinner;
import okhttp3.HttpUrl;
import okhttp3.Interceptor.Chain;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an {@code https} call away from backends where it would be sent in clear text, or where the client's
 * certificate pins would not be checked. Both can happen only where the URL is rewritten: a steered connection is under
 * TLS for the logical name.
 */
final class DowngradeRule implements Predicate<Backend> {
    private final Destination destination;
    private final CertificatePinner pinner;
    private final HttpUrl url;

    private DowngradeRule(Destination destination, CertificatePinner pinner, HttpUrl url) {
        this.destination = destination;
        this.pinner = pinner;
        this.url = url;
    }

    /** Returns the rule for a request; null if it may go to any backend. */
    static @Nullable DowngradeRule of(Destination destination, Chain chain, HttpUrl url) {
        ClientConfig settings = destination.settings();
        boolean anything = !url.isHttps()
                || settings.addressing() == Addressing.STEER
                || (settings.allowCleartextBackends() && settings.allowUnpinnedBackends());
        return anything ? null : new DowngradeRule(destination, chain.getCertificatePinner(), url);
    }

    /** Whether the request may go to a backend, if no proxy needs the URL to be rewritten. */
    @Override
    public boolean test(Backend backend) {
        return !destination.isRewritten(url, backend) || !(isCleartext(backend) || isUnpinned(backend));
    }

    /** Why the request may not go to a backend by a rewritten URL; null if it may. */
    @Nullable
    String faultIfRewritten(Backend backend) {
        String name = BackendAddress.describe(backend);
        if (isCleartext(backend)) {
            return cleartext("backend " + name);
        }
        return isUnpinned(backend) ? unpinned("backend " + name, backend.host()) : null;
    }

    /**
     * Describes the backends that the request may not go to, and what to do.
     *
     * @return empty if there is none
     */
    String refusals(Iterable<Backend> backends) {
        List<Backend> cleartext = new ArrayList<>();
        List<Backend> unpinned = new ArrayList<>();
        for (Backend backend : backends) {
            if (!test(backend)) {
                (isCleartext(backend) ? cleartext : unpinned).add(backend);
            }
        }
        List<String> faults = new ArrayList<>();
        if (!cleartext.isEmpty()) {
            faults.add(cleartext(named(cleartext)));
        }
        if (!unpinned.isEmpty()) {
            faults.add(unpinned(named(unpinned), unpinned.get(0).host()));
        }
        return String.join("; ", faults);
    }

    private static String named(List<Backend> backends) {
        String first = "backend " + BackendAddress.describe(backends.get(0));
        return backends.size() == 1 ? first : first + " (and " + (backends.size() - 1) + " more)";
    }

    private boolean isCleartext(Backend backend) {
        return isHttp(backend) && !destination.settings().allowCleartextBackends();
    }

    private static boolean isHttp(Backend backend) {
        return backend.uri().getScheme().equals("http");
    }

    private String cleartext(String backends) {
        return "an https call to \"" + url.host() + "\" would reach " + backends
                + " in clear text, since the backend's URI is http; give the backend an https URI, call http://"
                + url.host()
                + ", or allow it with allowCleartextBackends()";
    }

    /** OkHttp checks the pins of the URL's host on the wire: the backend's host needs pins that are not weaker. */
    private boolean isUnpinned(Backend backend) {
        if (isHttp(backend)
                || destination.settings().allowUnpinnedBackends()
                || pinner.getPins().isEmpty()) {
            return false; // Without TLS there is no certificate to pin: allowing clear text includes it.
        }
        Set<ByteString> logical = pins(url.host());
        if (logical.isEmpty()) {
            return false;
        }
        Set<ByteString> own = pins(backend.host());
        return own.isEmpty() || !logical.containsAll(own);
    }

    private Set<ByteString> pins(String host) {
        return pinner.findMatchingPins(host).stream()
                .map(CertificatePinner.Pin::getHash)
                .collect(Collectors.toUnmodifiableSet());
    }

    private String unpinned(String backends, String host) {
        return "the client's certificate pins for \"" + url.host() + "\" would not be checked at " + backends
                + ", which is called under its own name; add the same pins for \"" + host
                + "\", use Addressing.STEER if the certificate names \"" + url.host()
                + "\", or allow it with allowUnpinnedBackends()";
    }
}
