package dev.evenkeel.lb.okhttp.internal.steering;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * A Dns that gives one call a new connection which no other call uses, until it is shared.
 *
 * <p>It answers as the Dns that it replaces. OkHttp's pool takes a connection only for a call with an equal Dns: this
 * one equals nothing at first, and from {@link #share} on the Dns that it stands for, so that the connection is pooled
 * as any other.
 */
public final class ExclusiveDns implements Dns {
    private final Dns shared;
    private volatile boolean exclusive = true;

    public ExclusiveDns(Dns shared) {
        this.shared = shared;
    }

    /** Lets every call use the connection from now on. */
    public void share() {
        exclusive = false;
    }

    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
        return shared.lookup(hostname);
    }

    @Override
    public Call newCall(Request request) {
        return shared.newCall(request);
    }

    /** Not symmetric: OkHttp's pool asks the Dns of the connection about that of the call. */
    @Override
    @SuppressWarnings("EqualsWhichDoesntCheckParameterClass") // it stands for a Dns of any class
    public boolean equals(@Nullable Object object) {
        if (object == this) {
            return true;
        }
        if (exclusive) {
            return false;
        }
        return object instanceof ExclusiveDns other
                ? !other.exclusive && shared.equals(other.shared)
                : shared.equals(object);
    }

    @Override
    public int hashCode() {
        return shared.hashCode();
    }

    @Override
    public String toString() {
        return "exclusive " + shared;
    }
}
