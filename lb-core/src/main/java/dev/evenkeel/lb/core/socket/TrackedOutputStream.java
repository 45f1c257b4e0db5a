package dev.evenkeel.lb.core.socket;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Output stream that reports failed writes. */
class TrackedOutputStream extends FilterOutputStream {
    private final ConnectionLease lease;

    TrackedOutputStream(OutputStream out, ConnectionLease lease) {
        super(out);
        this.lease = lease;
    }

    @Override
    public void write(int value) throws IOException {
        try {
            out.write(value);
        } catch (IOException e) {
            lease.broke(e);
            throw lease.explained(e);
        }
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        try {
            out.write(buffer, offset, length);
        } catch (IOException e) {
            lease.broke(e);
            throw lease.explained(e);
        }
    }
}
