package dev.evenkeel.lb.examples.registries;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a client and a server, and cuts each connection after a random number of the server's bytes. */
final class CuttingRelay implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Random random;
    private final int meanBytes;
    private final int target;
    final AtomicInteger cuts = new AtomicInteger();
    /** Whether connections that begin now are cut. */
    volatile boolean cutting = true;

    CuttingRelay(int target, long seed, int meanBytes) throws IOException {
        this.target = target;
        this.random = new Random(seed);
        this.meanBytes = meanBytes;
        threads.execute(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getByName("127.0.0.1"), target);
                open.add(client);
                open.add(server);
                long budget = cutting ? (long) (-Math.log(1 - random.nextDouble()) * meanBytes) : Long.MAX_VALUE;
                threads.execute(() -> relay(client, server, Long.MAX_VALUE));
                threads.execute(() -> relay(server, client, budget));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void relay(Socket from, Socket to, long budget) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[4_096];
            long left = budget;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                int sent = (int) Math.min(left, read);
                out.write(buffer, 0, sent);
                left -= sent;
                if (sent < read) {
                    cuts.incrementAndGet();
                    return;
                }
            }
        } catch (IOException e) {
            // One side has gone, as sides do.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    /** Ends the connections that there are. */
    void cutAll() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cutAll();
        threads.shutdownNow();
    }
}
