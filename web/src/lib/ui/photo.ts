/** A picture made small in the browser: a data: URL of a JPEG no side of which is longer than `longest` pixels. */
export async function smallPicture(file: Blob, longest = 320, quality = 0.8): Promise<string> {
	const picture = await createImageBitmap(file);
	const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
	const canvas = document.createElement('canvas');
	canvas.width = Math.max(1, Math.round(picture.width * scale));
	canvas.height = Math.max(1, Math.round(picture.height * scale));
	const pen = canvas.getContext('2d');
	if (!pen) throw new Error('no canvas');
	pen.fillStyle = '#fff';
	pen.fillRect(0, 0, canvas.width, canvas.height);
	pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
	picture.close();
	return canvas.toDataURL('image/jpeg', quality);
}
