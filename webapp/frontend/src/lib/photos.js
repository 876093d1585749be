// Photos before they travel: very large ones are scaled down on the device, so that a weak network can carry them.

const KEEP_BELOW = 3 * 1024 * 1024;
const LONGEST_EDGE = 2560;

/** Whether the browser can show this file as a picture. The server takes no other formats, so one that it cannot is refused here. */
export async function opens(file) {
  try {
    (await createImageBitmap(file)).close();
    return true;
  } catch {
    return false;
  }
}

/** The file itself, or a JPEG of at most 2560 px. What the browser cannot decode travels as it is: the server judges. */
export async function prepared(file) {
  if (file.size <= KEEP_BELOW || !/^image\//.test(file.type)) return file;
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_EDGE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg", lastModified: file.lastModified }) : file;
  } catch {
    return file;
  }
}
