package io.wurstwerk.pipeline.image;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pixels to files. Equal pixels, format and provenance give equal bytes. */
public final class ImageFile {

    private ImageFile() {}

    /**
     * The file of an image. Without a provenance it holds pixels and nothing else.
     *
     * @param rgb [height, width, 3]
     * @param provenance what the file is to say about its making; null for nothing
     * @throws IllegalArgumentException if there are more or fewer bytes than the image has, or a JPEG file has no room
     *     for the provenance (64 KB)
     * @throws UnsupportedFormatException if this platform has no encoder for the format
     */
    public static byte[] encode(
            ImageFormat format, int width, int height, byte[] rgb, @Nullable Provenance provenance) {
        byte[] bare = switch (format) {
            case ImageFormat.Png _ -> Png.encode(width, height, rgb);
            case ImageFormat.Jpeg jpeg -> Jpeg.encode(width, height, rgb, jpeg.quality());
            case ImageFormat.Webp webp -> Webp.encode(width, height, rgb, webp.quality());
        };
        if (provenance == null) {
            return bare;
        }
        String xmp = Xmp.packet(provenance);
        return switch (format) {
            case ImageFormat.Png _ ->
                Png.withText(
                        bare,
                        List.of(
                                new Png.Text("Software", Provenance.SOFTWARE),
                                new Png.Text("parameters", ParametersText.of(provenance)),
                                new Png.Text(Png.XMP, xmp)));
            case ImageFormat.Jpeg _ -> Jpeg.withXmp(bare, xmp.getBytes(StandardCharsets.UTF_8));
            case ImageFormat.Webp _ -> Webp.withXmp(bare, width, height, xmp.getBytes(StandardCharsets.UTF_8));
        };
    }
}
