package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.document.PoolDocument;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** A JSON file. */
public final class FileOrigin implements Origin {
    private final Path file;

    public FileOrigin(Path file) {
        this.file = file;
    }

    @Override
    public BackendDiscovery discovery() {
        return PoolDocument.backends(file).withInterval(Duration.ofSeconds(1));
    }

    @Override
    public void has(List<Backend> backends) {
        write(backends.stream().map(FileOrigin::json).collect(Collectors.joining(",\n", "{\"backends\":[", "]}")));
    }

    private static String json(Backend backend) {
        return "{\"uri\":\"" + backend.uri() + "\",\"weight\":" + backend.weight() + "}";
    }

    @Override
    public void isDown() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void talksNonsense() {
        write("{\"backends\":[\"http://10.0.");
    }

    @Override
    public boolean hasTwice(Backend backend) {
        has(List.of(backend, backend));
        return true;
    }

    @Override
    public boolean hasImpossible() {
        write("""
                {"backends": [
                  {"uri": "http://10.9.9.1:0"},
                  {"uri": "http://10.9.9.2:70000"},
                  {"uri": "http://10.9.9.3:80", "weight": -1},
                  {"uri": "http://10.9.9.4:80", "metadata": {"version": "1\\r\\nHost: evil"}}
                ]}""");
        return true;
    }

    public void write(String text) {
        try {
            Path beside = file.resolveSibling("new.json");
            Files.writeString(beside, text);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
