/** Why there is no picture of the camera. */
export type Trouble = 'insecure' | 'missing' | 'refused' | 'none' | 'busy' | 'failed';
export type Facing = 'user' | 'environment';

const FORMATS = [
  'video/mp4;codecs=avc1.640028,mp4a.40.2',
  'video/mp4;codecs=avc1.42E01E,mp4a.40.2',
  'video/mp4;codecs=avc1.42E01E,opus',
  'video/webm;codecs=vp9,opus',
  'video/webm;codecs=vp8,opus',
];

/** What a recording is written in: MP4 where the browser can, else WebM, else what it likes best. */
export function recordingFormat(supported = (type: string) => MediaRecorder.isTypeSupported(type)): string {
  return FORMATS.find(supported) ?? '';
}

/** What can be known before anybody is asked. */
export function troubleHere(): Trouble | null {
  if (!isSecureContext) return 'insecure';
  return typeof navigator.mediaDevices?.getUserMedia === 'function' && typeof MediaRecorder === 'function' ? null : 'missing';
}

export function troubleOf(failure: unknown): Trouble {
  switch (failure instanceof DOMException ? failure.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

/** Camera and microphone; the browser asks its person. A camera without a microphone is one, too. */
export async function openCamera(facing: Facing): Promise<MediaStream> {
  const video: MediaTrackConstraints = {
    facingMode: { ideal: facing },
    width: { ideal: 1080 },
    height: { ideal: 1920 },
    aspectRatio: { ideal: 9 / 16 },
    frameRate: { ideal: 30 },
  };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: true });
  } catch (failure) {
    if (troubleOf(failure) !== 'none') throw failure;
    return navigator.mediaDevices.getUserMedia({ video });
  }
}

export async function hasSeveralCameras(): Promise<boolean> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === 'videoinput').length > 1;
}
