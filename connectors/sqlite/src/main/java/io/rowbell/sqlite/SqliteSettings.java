package io.rowbell.sqlite;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.Setting;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of the SQLite journal.
 *
 * @param file the journal's file; made with its directory if there is none
 * @param retention how long an event is kept at least after it was appended, if there is room
 * @param maxSize how large the file may become
 */
public record SqliteSettings(
    @Setting(value = "The journal's file, made if there is none.", byDefault = "data/journal.db")
        Path file,
    @Setting(
            value =
                "How long events are kept that every subscriber is done with; those that one is not"
                    + " done with stay.",
            byDefault = "7d")
        Duration retention,
    @Setting(
            value =
                "How large the file may become; an eighth of it, 64MiB at most, is kept for dead letters"
                    + " and cursors. Before it is full, the oldest events that every subscriber is"
                    + " done with go early; when it is full, nothing more is read from the"
                    + " database.",
            byDefault = "10GiB")
        ByteSize maxSize) {}
