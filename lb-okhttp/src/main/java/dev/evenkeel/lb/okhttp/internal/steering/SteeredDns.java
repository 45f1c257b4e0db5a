package dev.evenkeel.lb.okhttp.internal.steering;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * A Dns that resolves the logical host to the addresses of one backend, and every other name by the user's Dns.
 *
 * <p>OkHttp's pool tells connections apart by this object (its Address compares the Dns, but not the SocketFactory):
 * one stable object for each backend, equal to no other one that is in use, keeps the backends' connections apart.
 *
 * <p>OkHttp remembers a connection of which nothing was ever read as a failed Route, for ever, and with it this object.
 * So an object that is no longer in use equals every other one for the same backend address: OkHttp then remembers one
 * Route for an address, and forgets it when a connection succeeds. For the same reason the next call to the address
 * drops the closed connections from OkHttp's pool.
 */
final class SteeredDns implements Dns {
    private final BackendAddress backend;
    private final Dns delegate;

    /**
     * The logical host, as a String object of its own: the addresses that we return have it as their host name, so they
     * can be recognized even if another name has the same address.
     */
    private final String hostIdentity;

    /** The logical host as a socket address writes it, if it is an IP literal: IPv6 has more than one way to. */
    private final @Nullable String literal;

    private volatile boolean retired;

    SteeredDns(String logicalHost, BackendAddress backend, Dns delegate) {
        this.backend = backend;
        this.delegate = delegate;
        this.hostIdentity = new String(logicalHost);
        InetAddress address = BackendAddress.literal(logicalHost);
        this.literal = address == null ? null : address.getHostAddress();
    }

    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
        if (!hostname.equalsIgnoreCase(hostIdentity)) {
            return delegate.lookup(hostname);
        }
        List<InetAddress> addresses = backendAddresses();
        List<InetAddress> addressed = new ArrayList<>(addresses.size());
        for (InetAddress address : addresses) {
            addressed.add(named(hostIdentity, address));
        }
        return addressed;
    }

    @Override
    public Call newCall(Request request) {
        // The user's Dns may answer with more than addresses (encrypted client hello): its own names stay with it.
        return request.hostname().equalsIgnoreCase(hostIdentity)
                ? Dns.super.newCall(request)
                : delegate.newCall(request);
    }

    /** The backend's addresses by the user's Dns, which is never asked for an IP literal. */
    List<InetAddress> backendAddresses() throws UnknownHostException {
        InetAddress literal = backend.literal();
        if (literal != null) {
            return List.of(literal);
        }
        List<InetAddress> addresses = delegate.lookup(backend.host());
        if (addresses.isEmpty()) {
            throw new UnknownHostException(delegate + " returned no addresses for " + backend.host());
        }
        return addresses;
    }

    /**
     * Returns the address that a socket must connect to instead.
     *
     * @return the backend's address and port, or null if the socket is not for the backend
     */
    @Nullable
    InetSocketAddress redirect(InetSocketAddress logical) throws UnknownHostException {
        InetAddress address = logical.getAddress();
        return address != null && hasHostIdentity(logical)
                ? new InetSocketAddress(named(backend.host(), address), backend.port())
                : null;
    }

    /** Whether a socket is for a logical host that is an IP literal, which OkHttp does not look up. */
    boolean isLogicalLiteral(InetSocketAddress logical) {
        return logical.getAddress() != null && logical.getHostString().equals(literal) && !hasHostIdentity(logical);
    }

    BackendAddress backend() {
        return backend;
    }

    @SuppressWarnings({"ReferenceEquality", "StringEquality"}) // the identity is the point
    private boolean hasHostIdentity(InetSocketAddress address) {
        return address.getHostString() == hostIdentity;
    }

    private static InetAddress named(String name, InetAddress address) throws UnknownHostException {
        return address instanceof Inet6Address v6 && v6.getScopeId() != 0
                ? Inet6Address.getByAddress(name, v6.getAddress(), v6.getScopeId())
                : InetAddress.getByAddress(name, address.getAddress());
    }

    /** Notes that every socket is closed and that none will be opened. */
    void retire() {
        retired = true;
    }

    /** Not transitive: compares whether one may replace the other now. The hash never changes. */
    @Override
    @SuppressWarnings("ReferenceEquality") // the user's Dns: as in OkHttp's pool, and its equals may cost
    public boolean equals(@Nullable Object object) {
        return object == this
                || (object instanceof SteeredDns other
                        && (retired || other.retired)
                        && hostIdentity.equals(other.hostIdentity)
                        && backend.equals(other.backend)
                        && delegate == other.delegate);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * backend.host().hashCode() + backend.port()) + hostIdentity.hashCode();
    }

    @Override
    public String toString() {
        return "Dns of backend " + backend;
    }
}
