package dev.evenkeel.lb.core.socket;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Input stream that reports the results of its reads. */
class TrackedInputStream extends FilterInputStream {
    private final ConnectionLease lease;

    TrackedInputStream(InputStream in, ConnectionLease lease) {
        super(in);
        this.lease = lease;
    }

    @Override
    public int read() throws IOException {
        try {
            int value = in.read();
            lease.read(value < 0 ? -1 : 1);
            return value;
        } catch (IOException e) {
            lease.broke(e);
            throw lease.explained(e);
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int count = in.read(buffer, offset, length);
            lease.read(count);
            return count;
        } catch (IOException e) {
            lease.broke(e);
            throw lease.explained(e);
        }
    }
}
